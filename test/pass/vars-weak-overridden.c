// Records of a weak definition and of the strong one that overrides it lead to one address.
// RUN: split-file %s %t
// RUN: %magic_cc -O2 -c %t/a.c -o %t/a.o && %magic_cc -O2 -c %t/b.c -o %t/b.o
// RUN: %link_service -fuse-ld=bfd %t/a.o %t/b.o -o %t/out && nm %t/out | FileCheck %s
// RUN: %link_service -fuse-ld=lld %t/a.o %t/b.o -o %t/out && nm %t/out | FileCheck %s
// CHECK: [[#%x,AT:]] {{.}} __magic_at_setting
// CHECK: [[#%.16x,AT]] {{.}} setting

//--- a.c
__attribute__((weak)) int setting = 1;
int main(void) { return setting; }

//--- b.c
int setting = 2;
