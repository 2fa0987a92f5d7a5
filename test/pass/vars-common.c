// Common symbols can have no alias; their record refers to them directly.
// RUN: %magic_cc -O2 -fcommon -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int common[4];
int main(void) { return 0; }
// CHECK: var common: int[4] size=16 {{.*}}flags: COMMON{{$}}
