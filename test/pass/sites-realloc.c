// realloc and its kin are sites with a size of their own.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
#include <stdlib.h>
struct list { struct list **items; } list;
void resize(int k) { list.items = realloc(list.items, k * sizeof *list.items); }
void resize_array(int k) { list.items = reallocarray(list.items, k, sizeof *list.items); }
int main(void) { return 0; }
// CHECK-DAG: site resize: struct list* elem=8 receiver=items callee=realloc {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site resize_array: struct list* elem=8 receiver=items callee=reallocarray {{.*}}flags: ARRAY{{$}}
