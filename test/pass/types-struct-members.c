// Members have bit offsets, bit-fields their width, anonymous members no name.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
struct s {
  char tag;
  unsigned low : 3, high : 5;
  union { int number; char *text; };
  struct { short x; } inner;
  _Alignas(32) char aligned;
} s;
struct __attribute__((packed)) p { char c; long l; } p;
int main(void) { return 0; }
// CHECK: type struct s: STRUCT size=64 align=32 nelems=0 count=6 target=- at={{.*}}types-struct-members.c:3 flags: HAS_POINTERS
// CHECK-NEXT: member tag: char bit=0 width=0
// CHECK-NEXT: member low: unsigned int bit=8 width=3
// CHECK-NEXT: member high: unsigned int bit=11 width=5
// CHECK-NEXT: member -: union - bit=64 width=0
// CHECK-NEXT: member inner: struct - bit=128 width=0
// CHECK-NEXT: member aligned: char bit=256 width=0
// CHECK: type struct p: STRUCT size=9 align=1
// CHECK-NEXT: member c: char bit=0
// CHECK-NEXT: member l: long bit=8
// CHECK: type union -: UNION size=8 align=8 nelems=0 count=2 {{.*}}flags: HAS_POINTERS
