// Without debug information there are no records, and the code is as it was.
// RUN: %magic_cc -g0 -O2 -S -emit-llvm %s -o - | FileCheck %s --implicit-check-not=__magic
// RUN: %magic_cc -gline-tables-only -O2 -S -emit-llvm %s -o - | FileCheck %s --implicit-check-not=__magic
#include <stdlib.h>
int *p;
int main(void) { p = malloc(sizeof *p); return 0; }
// CHECK: call {{.*}}@malloc
