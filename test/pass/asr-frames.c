// A seed gives another layout to stack frames, always the same one, and that costs no instruction.
// RUN: env MAGIC_PASS_OPTIONS="asr=1" %magic_cc -O2 -S %s -o %t.1.s
// RUN: env MAGIC_PASS_OPTIONS="asr=1" %magic_cc -O2 -S %s -o %t.1.again.s && cmp %t.1.s %t.1.again.s
// RUN: env MAGIC_PASS_OPTIONS="asr=2" %magic_cc -O2 -S %s -o %t.2.s
// RUN: env MAGIC_PASS_OPTIONS="asr=3" %magic_cc -O2 -S %s -o %t.3.s
// RUN: grep -ho 'subq.*rsp' %t.1.s %t.2.s %t.3.s | sort -u | count 3
// RUN: grep -c 'callq\|movq\|movl\|leaq' %t.1.s >%t.1 && grep -c 'callq\|movq\|movl\|leaq' %t.2.s >%t.2
// RUN: cmp %t.1 %t.2
// RUN: env MAGIC_PASS_OPTIONS="asr=2" %magic_cc -O0 -S -emit-llvm %s -o %t.ll && FileCheck %s --input-file=%t.ll
// RUN: FileCheck %s --check-prefix=NAKED --input-file=%t.ll
void use(char *, char *);
void frame(void) {
  char a[40], b[80];
  use(a, b);
}
__attribute__((naked)) void naked(void) { __asm__("ret"); }
// CHECK: [[PAD:%.*]] = alloca [[SIZE:\[[0-9]+ x i8\]]], align 16
// CHECK: call void asm sideeffect "", "*m"(ptr elementtype([[SIZE]]) [[PAD]])
// NAKED: define {{.*}}void @naked
// NAKED-NOT: alloca
// NAKED: unreachable
