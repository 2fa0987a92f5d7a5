// Common symbols can have no alias; their record refers to them directly.
// RUN: %magic_cc -O2 -fcommon -c %s -o %t.o
// RUN: %link_service -fuse-ld=bfd -Wl,--gc-sections %t.o -o %t && %records %t | FileCheck %s
// RUN: %link_service -fuse-ld=gold -Wl,--gc-sections %t.o -o %t && %records %t | FileCheck %s
// RUN: %link_service -fuse-ld=lld -Wl,--gc-sections %t.o -o %t && %records %t | FileCheck %s
int common[4];
int main(void) { return common[1]; }
// CHECK: var common: int[4] size=16 {{.*}}flags: COMMON{{$}}
