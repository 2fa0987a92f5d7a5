// SEF_ALLOC, SEF_POOL and SEF_FREE at a declaration arrive at every level of optimisation.
// RUN: %magic_cc -O0 -I %inputs/../../../libsef/include -c %s -o %t0.o && %link_service %t0.o -o %t0 -Wl,-z,undefs && %records %t0 | FileCheck %s
// RUN: %magic_cc -O2 -I %inputs/../../../libsef/include -c %s -o %t2.o && %link_service %t2.o -o %t2 -Wl,-z,undefs && %records %t2 | FileCheck %s
// RUN: %magic_cc -O0 -I %inputs/../../../libsef/include -S -emit-llvm %s -o - | FileCheck %s --check-prefix=IR
#include <sef/attributes.h>
#include <stddef.h>
struct node { struct node *next; int v; } *n;
SEF_ALLOC(2, 1) void *blocks(int, size_t);
SEF_POOL(2) void *pooled(void *, size_t);
SEF_POOL(0) void *element(void *);
SEF_FREE(2) void give_back(void *, void *);
void a(int k) { n = blocks(k, sizeof *n); }
void b(void *pool) { n = pooled(pool, sizeof *n); }
void c(void *list) { n = element(list); }
void d(void *pool) { give_back(pool, n); }
int main(void) { return 0; }
// CHECK-DAG: site a: struct node elem=16 receiver=n callee=blocks {{.*}}flags: ARRAY WRAPPER{{$}}
// CHECK-DAG: site b: struct node elem=16 receiver=n callee=pooled {{.*}}flags: SINGLE WRAPPER POOL{{$}}
// CHECK-DAG: site c: struct node elem=16 receiver=n callee=element {{.*}}flags: SINGLE WRAPPER POOL{{$}}
// IR-LABEL: define {{.*}}@d
// IR: call void @__magic_pool_free(ptr %[[N:.*]])
// IR-NEXT: call void @give_back(ptr {{.*}}, ptr {{.*}}%[[N]])
