// Types that share their name but not their layout keep apart, and so do types that lead to them.
// RUN: split-file %s %t
// RUN: %magic_cc -O2 -c %t/a.c -o %t/a.o && %magic_cc -O2 -c %t/b.c -o %t/b.o
// RUN: %link_service %t/a.o %t/b.o -o %t/out && %records %t/out | FileCheck %s
// CHECK-DAG: type struct differs: STRUCT size=4
// CHECK-DAG: type struct differs: STRUCT size=8
// CHECK-DAG: type struct user: STRUCT size=8
// CHECK-DAG: type struct user: STRUCT size=8

//--- a.c
struct differs { int v; };
struct user { struct differs *d; } a_user;
int main(void) { return 0; }

//--- b.c
struct differs { long v; };
struct user { struct differs *d; } b_user;
