// const, volatile and restrict leave no trace in types; _Atomic is a flag.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
const volatile int *restrict q;
int *p;
_Atomic long counter;
int main(void) { return 0; }
// CHECK-DAG: type int*: POINTER
// CHECK-DAG: type long: INTEGER size=8 {{.*}}flags: ATOMIC{{$}}
// CHECK-DAG: var q: int* size=8
// CHECK-DAG: var p: int* size=8
// CHECK-NOT: type int*: POINTER
