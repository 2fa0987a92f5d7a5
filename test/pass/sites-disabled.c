// With no-sites allocation calls stay as they are.
// RUN: env MAGIC_PASS_OPTIONS=no-sites %magic_cc -O2 -S -emit-llvm %s -o - | FileCheck %s --implicit-check-not=__magic_site
#include <stdlib.h>
struct node { struct node *next; } *n;
int main(void) { n = malloc(sizeof *n); return 0; }
// CHECK: call {{.*}}@malloc
