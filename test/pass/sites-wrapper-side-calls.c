// What else a wrapper calls runs without the caller's site: it is not what that site is about.
// RUN: %magic_cc -O0 -S -emit-llvm %s -o - | FileCheck %s
#include <stdlib.h>
void log_size(size_t);
struct track { void *p; struct track *next; } *tracks;
void *wrap(size_t size) {
  void *p = malloc(size);
  log_size(size);
  struct track *t = malloc(sizeof *t);
  t->p = p;
  tracks = t;
  return p;
}
// CHECK-LABEL: define {{.*}}@wrap
// CHECK-NOT: __magic_site
// CHECK: call {{.*}}@malloc
// CHECK: %[[OUTER:.*]] = load ptr, ptr %[[AT:[^,]*]]
// CHECK-NEXT: store volatile ptr null, ptr %[[AT]]
// CHECK: call void @log_size
// CHECK: store volatile ptr %[[OUTER]], ptr %[[AT]]
// CHECK: %[[OUTER:.*]] = load ptr, ptr %[[AT:[^,]*]]
// CHECK-NEXT: store volatile ptr @__magic_site_rec, ptr %[[AT]]
// CHECK: call {{.*}}@malloc
// CHECK: store volatile ptr %[[OUTER]], ptr %[[AT]]
