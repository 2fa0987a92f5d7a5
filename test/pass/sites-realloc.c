// realloc and its kin are sites with a size of their own. What gives memory back is none.
// RUN: env MAGIC_PASS_OPTIONS=alloc=other_realloc:2 %magic_cc -O2 -c %s -o %t.o
// RUN: %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#include <stdlib.h>
struct list { struct list **items; } list;
void resize(int k) { list.items = realloc(list.items, k * sizeof *list.items); }
void resize_array(int k) { list.items = reallocarray(list.items, k, sizeof *list.items); }
void gone(void) { realloc(list.items, 0); }
void *other_realloc(void *, size_t);
void other_gone(void) { other_realloc(list.items, 0 * sizeof *list.items); }
int main(void) { return 0; }
// CHECK-DAG: site resize: struct list* elem=8 receiver=items callee=realloc {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site resize_array: struct list* elem=8 receiver=items callee=reallocarray {{.*}}flags: ARRAY{{$}}
