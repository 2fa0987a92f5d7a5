// Functions of other units are allocators by attribute or because an option names them.
// RUN: env MAGIC_PASS_OPTIONS="alloc=pool_get:2;alloc=pool_array:3:2" %magic_cc -O2 -c %s -o %t.o
// RUN: %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#include <stddef.h>
struct node { struct node *next; int v; } *n;
void *attributed(size_t) __attribute__((alloc_size(1)));
void *pool_get(void *, size_t);
void *pool_array(void *, size_t, size_t);
void *unknown(size_t);
void a(void) { n = attributed(sizeof *n); }
void b(void *pool) { n = pool_get(pool, sizeof *n); }
void c(void *pool, int k) { n = pool_array(pool, k, sizeof *n); }
void d(void) { n = unknown(sizeof *n); }
int main(void) { return 0; }
// CHECK-DAG: site a: struct node elem=16 receiver=n callee=attributed {{.*}}flags: SINGLE WRAPPER{{$}}
// CHECK-DAG: site b: struct node elem=16 receiver=n callee=pool_get {{.*}}flags: SINGLE WRAPPER{{$}}
// CHECK-DAG: site c: struct node elem=16 receiver=n callee=pool_array {{.*}}flags: ARRAY WRAPPER{{$}}
