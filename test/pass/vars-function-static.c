// A function-static variable is known by its source name and its function.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int f(int by) {
  static int calls;
  { static int calls; calls -= by; }
  return calls += by;
}
int main(void) { return f(1); }
// CHECK-DAG: var calls: int {{.*}}scope=f at={{.*}}:4 flags: STATIC{{$}}
// CHECK-DAG: var calls: int {{.*}}scope=f at={{.*}}:5 flags: STATIC{{$}}
