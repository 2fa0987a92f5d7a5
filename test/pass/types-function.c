// Functions have a return type and parameters; a variable argument list is flagged.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int (*log_fn)(const char *, ...);
void (*done_fn)(void);
int main(void) { return 0; }
// CHECK-DAG: type int(char*, ...): FUNCTION size=0 align=0 nelems=0 count=1 target=int {{.*}}flags: VARIADIC{{$}}
// CHECK-DAG: type void(): FUNCTION size=0 align=0 nelems=0 count=0 target=void {{.*}}flags:{{$}}
// CHECK-DAG: type void: VOID size=0
