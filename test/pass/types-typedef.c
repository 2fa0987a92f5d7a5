// Typedefs have records of their own, and name the anonymous struct behind them.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
typedef struct { int x; } point;
typedef point place;
place here;
int main(void) { return 0; }
// CHECK-DAG: type place: TYPEDEF size=4 align=4 nelems=0 count=0 target=point at={{.*}}types-typedef.c:4
// CHECK-DAG: type point: TYPEDEF size=4 align=4 nelems=0 count=0 target=struct - at={{.*}}types-typedef.c:3
// CHECK-DAG: type struct -: STRUCT size=4
// CHECK-DAG: var here: place size=4
