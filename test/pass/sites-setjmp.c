// longjmp may leave an allocator, so the current site is forgotten where setjmp returns.
// RUN: %magic_cc -O2 -S -emit-llvm %s -o - | FileCheck %s
#include <setjmp.h>
jmp_buf env;
int f(void) { return setjmp(env); }
// CHECK: call i32 @_setjmp
// CHECK: store volatile ptr null
