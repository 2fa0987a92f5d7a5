// Structs and unions that code of the file uses and only the file completes are in the table even if no
// record refers to them: another file's pointers may lead to them. Types of headers, of functions and
// without a name are not.
// RUN: %magic_cc -O2 -ffunction-sections -fdata-sections -I%S/Inputs -c %s -o %t.o
// RUN: %link_service %t.o -Wl,--gc-sections -o %t
// RUN: %records %t | FileCheck %s --implicit-check-not=elsewhere --implicit-check-not=scratch
#include "types-own.h"
struct own { struct own *next; };
union either { int i; struct own o; };
typedef struct { int x; } unnamed;
void *find(void);
int main(void) {
  struct scratch { int a; } volatile s = {1};
  union either *e = find();
  struct elsewhere *h = find();
  unnamed *u = find();
  return s.a + e->i + h->i + u->x;
}
void *find(void) { return 0; }
// CHECK-DAG: type struct own: STRUCT size=8
// CHECK-DAG: type union either: UNION size=8
