// Objects for machines that no service runs on are left alone.
// RUN: clang -g -O2 --target=bpf -fpass-plugin=%plugin -S -emit-llvm %s -o - | FileCheck %s --implicit-check-not=__magic
// RUN: clang -g -O2 -m32 -fpass-plugin=%plugin -S -emit-llvm %s -o - | FileCheck %s --implicit-check-not=__magic
int variable;
int f(void) { return variable; }
// CHECK: define {{.*}}@f
