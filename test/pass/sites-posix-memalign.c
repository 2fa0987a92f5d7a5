// posix_memalign stores its result: what it is stored to is the receiver.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; int v; } *n;
int direct(void) { struct node *p; int r = posix_memalign((void **)&p, 64, sizeof *p); n = p; return r; }
int by_void(void) { void *p; if (posix_memalign(&p, 64, sizeof *n)) return 1; struct node *q = p; n = q; return 0; }
int main(void) { return 0; }
// CHECK-DAG: site direct: struct node elem=16 receiver=p callee=posix_memalign {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site by_void: struct node elem=16 receiver=q callee=posix_memalign {{.*}}flags: SINGLE{{$}}
