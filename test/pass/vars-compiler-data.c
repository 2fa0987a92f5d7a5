// What profiling and sanitizers add is no variable, and they may do with it as they like.
// RUN: %magic_cc -O2 -fprofile-instr-generate -fcoverage-mapping -S -emit-llvm %s -o %t.ll
// RUN: grep "^@__magic_var" %t.ll | count 2
// RUN: %magic_cc -O2 --coverage -S -emit-llvm %s -o %t.ll
// RUN: grep "^@__magic_var" %t.ll | count 2
// RUN: %magic_cc -O2 -fsanitize=undefined -S -emit-llvm %s -o %t.ll
// RUN: grep "^@__magic_var" %t.ll | count 2
// RUN: %magic_cc -O2 -fsanitize=address -S -emit-llvm %s -o %t.ll
// RUN: grep "^@__magic_var" %t.ll | count 2
int counter;
static int table[4];
int f(int i) { return table[i] += counter * i; }
