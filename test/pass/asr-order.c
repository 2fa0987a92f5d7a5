// A seed gives another order to functions and variables, always the same one, and space between them;
// what has a section of its own choosing keeps its order.
// RUN: env MAGIC_PASS_OPTIONS="asr=1" %magic_cc -O2 -c %s -o %t.1.o
// RUN: env MAGIC_PASS_OPTIONS="asr=0x1" %magic_cc -O2 -c %s -o %t.1.again.o && cmp %t.1.o %t.1.again.o
// RUN: env MAGIC_PASS_OPTIONS="asr=2" %magic_cc -O2 -c %s -o %t.2.o && not cmp -s %t.1.o %t.2.o
// RUN: llvm-nm -n --defined-only %t.1.o | sed -n 's/.* [TBD] //p' >%t.1.order
// RUN: llvm-nm -n --defined-only %t.2.o | sed -n 's/.* [TBD] //p' >%t.2.order
// RUN: not cmp -s %t.1.order %t.2.order
// RUN: sort %t.1.order -o %t.1.order && sort %t.2.order -o %t.2.order && cmp %t.1.order %t.2.order
// RUN: env MAGIC_PASS_OPTIONS="asr=1" %magic_cc -O0 -S -emit-llvm %s -o - | FileCheck %s
int zero_a, zero_b, zero_c, zero_d;
int data_a = 1, data_b = 2, data_c = 3, data_d = 4;
#define IN(s) __attribute__((section(s)))
IN("list") int first = 1;
IN("list") int second = 2;
IN("list") int third = 3;
int a(int x) { return x + zero_a; }
int b(int x) { return x + zero_b; }
int c(int x) { return x + zero_c; }
IN("steps") int step_a(void) { return first; }
IN("steps") int step_b(void) { return second; }
// CHECK: @first =
// CHECK-NEXT: @second =
// CHECK-NEXT: @third =
// CHECK-DAG: @__magic_pad{{.*}} = internal global [{{[0-9]+}} x i8] zeroinitializer, align 8
// CHECK-DAG: @__magic_pad{{.*}} = internal global [{{[0-9]+}} x i8] c"\FF
// CHECK: define {{.*}}@step_a
// CHECK: define {{.*}}@step_b
// CHECK: define {{.*}}@{{[abc]}}(i32{{.*}} prefix [{{[0-9]+}} x i8] c"\CC
