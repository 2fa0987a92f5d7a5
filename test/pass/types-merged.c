// Equal types of two units become one record, wherever they are declared.
// RUN: split-file %s %t
// RUN: %magic_cc -O2 -c %t/a.c -o %t/a.o && %magic_cc -O0 -c %t/b.c -o %t/b.o
// RUN: %link_service -fuse-ld=bfd %t/a.o %t/b.o -o %t/out && %records %t/out | FileCheck %s
// RUN: %link_service -fuse-ld=gold %t/a.o %t/b.o -o %t/out && %records %t/out | FileCheck %s
// RUN: %link_service -fuse-ld=lld %t/a.o %t/b.o -o %t/out && %records %t/out | FileCheck %s
// CHECK-COUNT-1: type struct same:
// CHECK-NOT: type struct same:
// CHECK: var

//--- a.c
struct same { struct same *next; int v; } a_same;
int main(void) { return 0; }

//--- b.c


struct same { struct same *next; int v; } b_same;
