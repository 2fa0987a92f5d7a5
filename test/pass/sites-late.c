// A function that nobody knows, and that returns void * into a typed pointer, may allocate: the
// runtime is told after the call. Where the type is no whole object's it is only told that the result is
// something else than it may have been. Where the function's own type says what it returns, or where it
// cannot allocate, there is nothing to tell.
// RUN: %magic_cc -O2 -S -emit-llvm %s -o %t.ll && FileCheck %s < %t.ll
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s --check-prefix=TABLE --implicit-check-not="{{^}}site"
#include <stddef.h>
#include <string.h>
struct node { struct node *next; int v; } *n, **all;
struct pair { long a, b; } *p;
struct hooks { void *(*get)(size_t); struct node *(*typed)(size_t); } *hooks;
int *numbers;
void *any;
void *unknown(int);
struct node *known(int);
__attribute__((pure)) void *reads(int);
void by_pointer(void) { n = hooks->get(sizeof *n); }
void array(int k) { all = unknown(k); }
struct node *returned(void) { return unknown(1); }
void integers(void) { numbers = unknown(2); }
void both(void) { void *v = unknown(3); n = v; p = v; }
void nothing(void) { any = unknown(4); }
void declared(void) { n = known(5); n = hooks->typed(6); n = reads(7); }
int main(void) { return 0; }
// CHECK-LABEL: define {{.*}}@by_pointer
// CHECK: store volatile ptr getelementptr {{.*}}(i8, ptr @__magic_site_rec{{.*}}, i64 {{[0-9]*[13579]}}), ptr %[[AT:.*]],
// CHECK: %[[P:.*]] = {{.*}}call {{.*}}ptr %{{.*}}(i64
// CHECK: %[[NOTED:.*]] = load volatile ptr, ptr %[[AT]]
// CHECK: store volatile ptr %{{.*}}, ptr %[[AT]]
// CHECK: call void @__magic_late(ptr %[[P]], ptr nonnull @__magic_site_rec{{[^,]*}}, ptr %[[NOTED]])
// CHECK-LABEL: define {{.*}}@integers
// CHECK: store volatile ptr null, ptr %[[AT:.*]],
// CHECK: %[[P:.*]] = {{.*}}call {{.*}}ptr @unknown(i32 {{.*}}2)
// CHECK: %[[NOTED:.*]] = load volatile ptr, ptr %[[AT]]
// CHECK: call void @__magic_late(ptr %[[P]], ptr {{.*}}null, ptr %[[NOTED]])
// CHECK-LABEL: define {{.*}}@nothing
// CHECK-NOT: call {{.*}}@__magic_late
// TABLE-DAG: site by_pointer: struct node elem=16 receiver=n callee=- {{.*}}flags: SINGLE LATE{{$}}
// TABLE-DAG: site array: {{.*}} elem=8 receiver=all callee=unknown {{.*}}flags: ARRAY LATE{{$}}
// TABLE-DAG: site returned: struct node elem=16 receiver=- callee=unknown {{.*}}flags: SINGLE LATE{{$}}
