// Functions that hand out what an allocator returned are allocators, at any depth; calls inside
// them are no sites. Functions that return typed or interior pointers are ordinary; what they return
// may be typed late.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#include <stdlib.h>
struct node { struct node *next; int v; } *n;
static void *checked(size_t size) { void *p = malloc(size); if (!p) abort(); return p; }
void *outer(size_t size) { return checked(size); }
void *zeroed(size_t count, size_t size) { return calloc(count, size); }
void *product(size_t a, size_t b) { return outer(a * b); }
void *padded(size_t size) { return malloc(size + 16); }
void *grown(void *old, size_t size) { void *p = realloc(old, size); return p ? p : old; }
void *prefixed(size_t size) { char *p = malloc(size + 8); return p + 8; }
struct node *typed(void) { struct node *t = checked(sizeof *t); t->v = 1; return t; }
void a(void) { n = checked(sizeof *n); }
void b(void) { n = outer(sizeof *n); }
void c(int k) { n = zeroed(k, sizeof *n); }
void d(int k) { n = product(k, sizeof *n); }
void e(void) { n = padded(sizeof *n); }
void f(int k) { n = grown(n, k * sizeof *n); }
void g(void) { n = prefixed(sizeof *n); }
void h(void) { n = typed(); }
int main(void) { return 0; }
// CHECK-DAG: site prefixed: - elem=1 receiver=p callee=malloc {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site g: struct node elem=16 receiver=n callee=prefixed {{.*}}flags: SINGLE LATE{{$}}
// CHECK-DAG: site typed: struct node elem=16 receiver=t callee=checked {{.*}}flags: SINGLE WRAPPER{{$}}
// CHECK-DAG: site a: struct node elem=16 receiver=n callee=checked {{.*}}flags: SINGLE WRAPPER{{$}}
// CHECK-DAG: site b: struct node elem=16 receiver=n callee=outer {{.*}}flags: SINGLE WRAPPER{{$}}
// CHECK-DAG: site c: struct node elem=16 receiver=n callee=zeroed {{.*}}flags: ARRAY WRAPPER{{$}}
// CHECK-DAG: site d: struct node elem=16 receiver=n callee=product {{.*}}flags: ARRAY WRAPPER{{$}}
// CHECK-DAG: site e: struct node elem=16 receiver=n callee=padded {{.*}}flags: TAIL WRAPPER{{$}}
// CHECK-DAG: site f: struct node elem=16 receiver=n callee=grown {{.*}}flags: ARRAY WRAPPER{{$}}
