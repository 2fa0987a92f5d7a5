// A type that no record refers to gets none.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not=scratch
static int sum(void) {
  struct scratch { int a, b; } volatile s = {1, 2};
  return s.a + s.b;
}
int main(void) { return sum(); }
// CHECK: func main
