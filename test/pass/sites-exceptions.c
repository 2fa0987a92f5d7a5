// With -fexceptions a call may be left by an exception: sites are marked all the same, as invokes
// where they are, and the current site is forgotten where the exception passes.
// RUN: %magic_cc -O2 -fexceptions -S -emit-llvm %s -o %t.ll && %verify %t.ll && FileCheck %s < %t.ll
// RUN: %magic_cc -O0 -fexceptions -c %s -o %t.o && %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s --check-prefix=TABLE
#include <stddef.h>
struct node { struct node *next; int v; } *n;
__attribute__((alloc_size(1))) void *get(size_t);
void use(int *);
static void clean(int *p) { use(p); }
void plain(void) { n = get(sizeof *n); }
void cleaned(int k) {
  __attribute__((cleanup(clean))) int local = k;
  n = get(sizeof *n);
  use(&local);
}
int main(void) { return 0; }
// CHECK-LABEL: define {{.*}}@plain
// CHECK-SAME: personality ptr @__gcc_personality_v0
// CHECK: store volatile ptr @__magic_site_rec
// CHECK: invoke {{.*}}@get
// CHECK: store volatile ptr %
// CHECK: landingpad
// CHECK: store volatile ptr null
// CHECK: resume
// CHECK-LABEL: define {{.*}}@cleaned
// CHECK: store volatile ptr @__magic_site_rec
// CHECK: invoke {{.*}}@get
// CHECK: store volatile ptr %
// CHECK: landingpad
// CHECK: store volatile ptr null
// TABLE-DAG: site plain: struct node elem=16 {{.*}}flags: SINGLE WRAPPER{{$}}
// TABLE-DAG: site cleaned: struct node elem=16 {{.*}}flags: SINGLE WRAPPER{{$}}
