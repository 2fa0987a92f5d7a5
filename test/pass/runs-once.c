// A module that has its records is left alone.
// RUN: %magic_cc -O0 -S -emit-llvm %s -o %t.ll
// RUN: %apply_magic %t.ll -o %t.again.ll && grep -c magic_vars %t.again.ll | FileCheck %s
int variable;
int main(void) { return 0; }
// CHECK: {{^}}1{{$}}
