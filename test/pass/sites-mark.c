// Around a typed call the current site is set and put back, and optimisation leaves that alone. A
// function that returns the object lets its caller's site win.
// RUN: %magic_cc -O2 -S -emit-llvm %s -o - | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; int v; } *n;
void keeps(void) { n = malloc(sizeof *n); }
struct node *returns(void) { return malloc(sizeof(struct node)); }
// CHECK-DAG: @__magic_site = external thread_local(initialexec) global ptr
// CHECK-DAG: @__magic_site_rec = private global <{ i64, {{.*}}section "magic_sites", {{.*}}align 8
// CHECK-LABEL: define {{.*}}@keeps
// CHECK: %[[OUTER:.*]] = load ptr, ptr %[[AT:[^,]*]]
// CHECK: store volatile ptr @__magic_site_rec, ptr %[[AT]]
// CHECK: call {{.*}}@malloc
// CHECK: store volatile ptr %[[OUTER]], ptr %[[AT]]
// CHECK-LABEL: define {{.*}}@returns
// CHECK: %[[OUTER:.*]] = load ptr, ptr %[[AT:[^,]*]]
// CHECK-DAG: %[[BITS:.*]] = ptrtoint ptr %[[OUTER]] to i64
// CHECK-DAG: and i64 %[[BITS]], 3
// CHECK-DAG: icmp eq ptr %[[OUTER]], null
// CHECK: %[[SITE:.*]] = select i1 %{{.*}}, ptr {{.*}}@__magic_site_rec
// CHECK: store volatile ptr %[[SITE]], ptr %[[AT]]
// CHECK: call {{.*}}@malloc
// CHECK: store volatile ptr %[[OUTER]], ptr %[[AT]]
