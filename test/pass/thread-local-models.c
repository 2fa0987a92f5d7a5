// A variable that asks for local-exec access can be linked into a service image, which is a shared
// object; the other models stay as they are, and code without debug information is treated the same.
// RUN: %magic_cc -O2 -S -emit-llvm %s -o - | FileCheck %s
// RUN: %magic_cc -g0 -O2 -S -emit-llvm %s -o - | FileCheck %s
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t
__thread int executable __attribute__((tls_model("local-exec")));
__thread int initial __attribute__((tls_model("initial-exec")));
__thread int local __attribute__((tls_model("local-dynamic")));
extern __thread int alias __attribute__((alias("executable"), tls_model("local-exec")));
int main(void) { return ++executable + ++initial + ++local + ++alias; }
// CHECK-NOT: thread_local(localexec)
// CHECK-DAG: @executable = {{.*}}thread_local {{.*}}global
// CHECK-DAG: @initial = {{.*}}thread_local(initialexec) {{.*}}global
// CHECK-DAG: @local = {{.*}}thread_local(localdynamic) {{.*}}global
// CHECK-NOT: thread_local(localexec)
