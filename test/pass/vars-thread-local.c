// A thread-local variable's record refers to a function that returns its address.
// RUN: %magic_cc -O2 -S -emit-llvm %s -o - | FileCheck %s --check-prefix=IR
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
_Thread_local int external;
static _Thread_local int internal;
int main(void) { return ++external + ++internal; }
// CHECK-DAG: var external: int {{.*}}flags: TLS{{$}}
// CHECK-DAG: var internal: int {{.*}}flags: STATIC TLS{{$}}
// IR-DAG: define internal {{.*}}ptr @__magic_tls_external()
// IR-DAG: call {{.*}}ptr @llvm.threadlocal.address.p0(ptr {{.*}}@external)
