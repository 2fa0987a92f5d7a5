// Enumerators keep name and value, whatever their sign.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
enum color { RED, GREEN = 5, NONE = -1 } color;
enum wide { BIG = 0x80000000u } wide;
int main(void) { return color == wide; }
// CHECK: type enum color: ENUM size=4 align=4 nelems=0 count=3 target=int
// CHECK-NEXT: enumerator RED = 0
// CHECK-NEXT: enumerator GREEN = 5
// CHECK-NEXT: enumerator NONE = -1
// CHECK: type enum wide: ENUM size=4 {{.*}}target=unsigned int
// CHECK-NEXT: enumerator BIG = 2147483648
