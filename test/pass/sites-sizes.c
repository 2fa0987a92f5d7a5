// The size argument says whether there is one element, several, or one with bytes after it. Of a size
// that nothing is known of only one structure is sure, if that is what it is at run time: what is
// longer may be of a type that begins alike.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; int v; } *n;
struct flex { int n; char tail[]; } *f;
int *ints;
void single(void) { n = malloc(sizeof *n); }
void times(int k) { n = malloc(k * sizeof *n); }
void times_plus(int k) { n = malloc((k + 1) * sizeof *n); }
void counted(int k) { n = calloc(k, sizeof *n); }
void counted_one(void) { n = calloc(1, sizeof *n); }
void swapped(int k) { n = calloc(sizeof *n, k); }
void variable(int k) { size_t size = k * sizeof *n; n = malloc(size); }
void constant(void) { ints = malloc(10 * sizeof *ints); }
void flexible(int k) { f = malloc(sizeof *f + k); }
void flexible_constant(void) { f = malloc(sizeof *f + 10); }
void header_constant(void) { n = malloc(sizeof *n + 10); }
void too_many(void) { n = malloc(3 * sizeof *n + 8); }
void header(int k) { n = malloc(sizeof *n + k); }
void open(size_t size) { n = malloc(size); }
void open_flexible(size_t size) { f = malloc(size); }
int main(void) { return 0; }
// CHECK-DAG: site single: {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site times: {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site times_plus: {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site counted: {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site counted_one: {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site swapped: {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site variable: {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site constant: int elem=4 {{.*}}flags: ARRAY{{$}}
// CHECK-DAG: site flexible: struct flex elem=4 {{.*}}flags: TAIL{{$}}
// CHECK-DAG: site flexible_constant: struct flex elem=4 {{.*}}flags: TAIL{{$}}
// CHECK-DAG: site header_constant: struct node elem=16 {{.*}}flags: TAIL{{$}}
// CHECK-DAG: site too_many: - elem=1 {{.*}}reason: its size contradicts its receiver's type
// CHECK-DAG: site header: {{.*}}flags: TAIL{{$}}
// CHECK-DAG: site open: struct node elem=16 {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site open_flexible: struct flex elem=4 {{.*}}flags: SINGLE{{$}}
