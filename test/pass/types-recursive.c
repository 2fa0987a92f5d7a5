// Types that refer to one another end up as one record each.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
// RUN: %records %t | grep -c "^type struct [ab]:" | FileCheck %s --check-prefix=COUNT
struct b;
struct a { struct b *b; struct a *next; };
struct b { struct a *a[2]; void (*call)(struct b *); };
struct a head;
int main(void) { return 0; }
// CHECK-DAG: type struct a: STRUCT size=16
// CHECK-DAG: type struct b: STRUCT size=24
// CHECK-DAG: type struct a*: POINTER {{.*}}target=struct a
// COUNT: {{^}}2{{$}}
