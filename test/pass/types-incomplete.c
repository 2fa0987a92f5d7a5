// A struct that is only declared is flagged, and has no size.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
struct opaque;
struct opaque *handle;
int main(void) { return 0; }
// CHECK: type struct opaque: STRUCT size=0 align=0 nelems=0 count=0 {{.*}}flags: INCOMPLETE{{$}}
