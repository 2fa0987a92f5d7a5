// Sites that agree in function, receiver and callee are numbered.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; int v; } *n, *m;
void f(void) {
  n = malloc(sizeof *n);
  n = malloc(sizeof *n);
  m = malloc(sizeof *m);
}
int main(void) { return 0; }
// CHECK-DAG: site f: {{.*}}receiver=n {{.*}}:6 ordinal=0
// CHECK-DAG: site f: {{.*}}receiver=n {{.*}}:7 ordinal=1
// CHECK-DAG: site f: {{.*}}receiver=m {{.*}}:8 ordinal=0
