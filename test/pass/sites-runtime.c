// At run time the allocator sees the site of the outermost call, and none afterwards.
// RUN: env MAGIC_PASS_OPTIONS=alloc=probe:1 %magic_cc -O2 -c %s -o %t.o
// RUN: clang -O2 %t.o %inputs/alloc-probe.c -o %t && %t | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; int v; } *n;
struct pair { long a, b, c; } *p;
void *probe(size_t);
char *text;
static void *wrap(size_t size) { void *m = probe(size); text = probe(7); return m; }
static struct pair *make(void) { struct pair *made = wrap(sizeof *made); return made; }
int main(void) {
  n = probe(sizeof *n);
  p = make();
  probe(1);
  return 0;
}
// CHECK: size 16: element 16
// CHECK: size 24: element 24
// CHECK: size 7: element 1
// CHECK: size 1: no site
