// String literals, function names and initializers of locals are no variables.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
const char *text = "literal";
void take(const char *, int *);
void take(const char *s, int *a) { text = s; a[0] = 0; }
int main(void) {
  int local[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  take(__func__, local);
  return 0;
}
// CHECK-NOT: {{^}}var
// CHECK: {{^}}var text: char*
// CHECK-NOT: {{^}}var
