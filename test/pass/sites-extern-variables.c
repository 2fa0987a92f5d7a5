// The debug information says nothing of a variable that is defined elsewhere. Its struct is known where
// the types that nothing refers to are kept, and there is only one of that name.
// RUN: %magic_cc -O2 -fno-eliminate-unused-debug-types -c %s -o %t.o
// RUN: %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s
// RUN: %magic_cc -O2 -c %s -o %t2.o
// RUN: %link_service %t2.o -o %t2 -Wl,-z,undefs && %records %t2 | FileCheck %s --check-prefix=WITHOUT
#include <stdlib.h>
struct item { struct item *next; };
extern struct server { int n; struct item *items; struct { struct item *one; } in[2]; } server;
typedef struct { struct item *head; } list;
extern list queue;
struct twice { struct item *x; };
struct other { long v; };
typedef struct { struct other *x; } twice; // of that name in the compiler's output as well
extern twice both;
void member(int k) { server.items = malloc(k * sizeof(struct item)); }
void inner(int i) { server.in[i].one = malloc(sizeof(struct item)); }
void by_typedef(void) { queue.head = malloc(sizeof(struct item)); }
void ambiguous(void) { both.x = malloc(8); }
int main(void) { return 0; }
// CHECK-DAG: site member: struct item elem=8 receiver=items callee=malloc {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site inner: struct item elem=8 receiver=one callee=malloc {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site by_typedef: struct item elem=8 receiver=head callee=malloc {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site ambiguous: - {{.*}}reason: nothing typed receives it
// WITHOUT-DAG: site member: - {{.*}}reason: nothing typed receives it
