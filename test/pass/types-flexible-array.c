// A struct that ends in an array without bound is flagged.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
struct message { int n; char *parts[]; } *m;
struct old { int n; char bytes[0]; } *o;
struct fixed { int n; char bytes[1]; } *f;
int main(void) { return 0; }
// CHECK-DAG: type struct message: STRUCT size=8 align=8 {{.*}}flags: FLEXIBLE HAS_POINTERS{{$}}
// CHECK-DAG: type struct old: STRUCT size=4 align=4 {{.*}}flags: FLEXIBLE{{$}}
// CHECK-DAG: type struct fixed: STRUCT size=8 align=4 {{.*}}flags:{{$}}
