// Files are named as seen from the compilation directory, wherever that lies.
// RUN: rm -rf %t && mkdir -p %t/one/src %t/one/build %t/two/deeper/src %t/two/deeper/build
// RUN: cp %s %t/one/src/a.c && cp %s %t/two/deeper/src/a.c
// RUN: cd %t/one/build && %magic_cc -c %t/one/src/a.c -o a.o && %link_service a.o -o a && %records a | FileCheck %s
// RUN: cd %t/two/deeper/build && %magic_cc -c ../src/a.c -o a.o && %link_service a.o -o a && %records a | FileCheck %s
#include <stddef.h>
max_align_t system_type;
int variable;
int main(void) { return 0; }
// CHECK: module ../src/a.c magic=0x54464553 abi=3.0 producer={{.*}}clang
// CHECK: type max_align_t: TYPEDEF {{.*}}at=/usr/
// CHECK: var variable: int {{.*}}at=../src/a.c:8
// CHECK: func main: - at=../src/a.c:9
