// Around a pool's call there is no site; after it the runtime is told of the object, typed or not. A
// wrapper of a pool is a pool, and a wrapper that asks for more has objects of unknown size.
// RUN: env MAGIC_PASS_OPTIONS="pool=take:1:2" %magic_cc -O2 -S -emit-llvm %s -o %t.ll && FileCheck %s < %t.ll
// RUN: env MAGIC_PASS_OPTIONS="pool=take:1:2" %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s --check-prefix=TABLE --implicit-check-not="{{^}}site"
#include <stddef.h>
struct node { struct node *next; int v; } *n;
char *text;
void *any;
void *take(size_t size, int count);
static __attribute__((noinline)) void *one(size_t size) { return take(size, 1); }
static __attribute__((noinline)) void *more(size_t size) { return take(size + 8, 1); }
void typed(int k) { n = take(sizeof *n, k); }
void bytes(size_t k) { text = take(k, 1); }
void unknown(size_t k) { any = take(k, 1); }
void wrapped(void) { n = one(sizeof *n); }
void padded(void) { n = more(sizeof *n); }
int main(void) { return 0; }
// CHECK-LABEL: define {{.*}}@typed
// CHECK: store volatile ptr null
// CHECK: %[[P:.*]] = {{.*}}call {{.*}}@take
// CHECK: store volatile ptr
// CHECK: call void @__magic_pool(ptr %[[P]], i64 16, i64 %{{.*}}, ptr nonnull @__magic_site_rec
// CHECK-LABEL: define {{.*}}@padded
// CHECK: %[[P:.*]] = {{.*}}call {{.*}}@more
// CHECK: call void @__magic_pool(ptr %[[P]], i64 0, i64 1, ptr nonnull @__magic_site_rec
// TABLE-DAG: site one: - elem=1 receiver=- callee=take {{.*}}flags: WRAPPER POOL INNER reason: nothing typed receives it
// TABLE-DAG: site more: - elem=1 receiver=- callee=take {{.*}}flags: WRAPPER POOL INNER reason: nothing typed receives it
// TABLE-DAG: site typed: struct node elem=16 receiver=n callee=take {{.*}}flags: ARRAY WRAPPER POOL{{$}}
// TABLE-DAG: site bytes: - elem=1 receiver=text callee=take {{.*}}flags: LEAF WRAPPER POOL{{ *$}}
// TABLE-DAG: site unknown: - elem=1 receiver=any callee=take {{.*}}flags: WRAPPER POOL reason: nothing typed receives it
// TABLE-DAG: site wrapped: struct node elem=16 receiver=n callee=one {{.*}}flags: SINGLE WRAPPER POOL{{$}}
// TABLE-DAG: site padded: struct node elem=16 receiver=n callee=more {{.*}}flags: TAIL WRAPPER POOL{{$}}
