// The type of an object is that of whatever receives it: local, member, global, parameter, return
// value, through other locals and casts.
// RUN: %magic_cc -O0 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; int v; };
struct vec { int n; struct node **items; void *priv; };
struct node *global;
static struct vec table[4];
void local(void) { struct node *n = malloc(sizeof *n); global = n; }
void to_global(void) { global = malloc(sizeof(struct node)); }
void member(struct vec *v) { v->items = calloc(3, sizeof *v->items); }
void element(int i) { table[i].items = malloc(4 * sizeof(struct node *)); }
struct node *returned(void) { return malloc(sizeof(struct node)); }
void through_void(void) { void *p = malloc(sizeof(struct node)); struct node *n = p; global = n; }
void through_member(struct vec *v) { v->priv = malloc(sizeof(struct node)); struct node *n = v->priv; n->v = 1; }
void out(struct node **result) { *result = malloc(sizeof **result); }
void chosen(int c) { struct node *n = c ? malloc(sizeof *n) : NULL; global = n; }
int main(void) { return 0; }
// CHECK-DAG: site local: struct node elem=16 receiver=n callee=malloc at={{.*}}:10 ordinal=0 flags: SINGLE{{$}}
// CHECK-DAG: site to_global: struct node elem=16 receiver=global callee=malloc
// CHECK-DAG: site member: struct node* elem=8 receiver=items callee=calloc {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site element: struct node* elem=8 receiver=items callee=malloc {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site returned: struct node elem=16 receiver=- callee=malloc
// CHECK-DAG: site through_void: struct node elem=16 receiver=n callee=malloc
// CHECK-DAG: site through_member: struct node elem=16 receiver=n callee=malloc
// CHECK-DAG: site out: struct node elem=16 receiver=result callee=malloc
// CHECK-DAG: site chosen: struct node elem=16 receiver=n callee=malloc
