// What was inferred can be asked for as optimisation remarks with source locations.
// RUN: %magic_cc -O2 -c %s -o /dev/null -Rpass=magic -Rpass-missed=magic 2>&1 | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; } *n;
char *text;
void *any;
void f(size_t k) {
  n = malloc(sizeof *n);
  text = malloc(k);
  any = malloc(k);
}
// CHECK: sites-remarks.c:8:7: remark: allocation of type struct node [-Rpass=magic]
// CHECK: sites-remarks.c:9:10: remark: allocation of bytes [-Rpass=magic]
// CHECK: sites-remarks.c:10:9: remark: allocation of unknown type: nothing typed receives it [-Rpass-missed=magic]
