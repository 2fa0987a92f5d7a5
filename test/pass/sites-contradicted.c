// Where the evidence disagrees the site is opaque, and its record says why: no type is better than a
// wrong one.
// RUN: %magic_cc -O2 -c %s -o %t.o -w -Rpass-missed=magic 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#include <stdlib.h>
#include <sys/socket.h>
struct base { int kind; int x; } *b;
struct derived { struct base base; int more[2]; } d;
struct other { long a, b, c; } *o;
struct sockaddr *sa;
struct opaque *hidden;
void *anything;
void too_small(void) { b = malloc(5); }
void of_another(int k) { o = malloc(k * 16); }
void inherits(void) { b = malloc(sizeof(struct derived)); }
void address(size_t len) { sa = malloc(len); }
void two_types(int k) { void *p = malloc(k); b = p; o = p; }
void reused(size_t k) { void *p = malloc(k); anything = p; p = malloc(sizeof *o); o = p; }
void incomplete(size_t k) { hidden = malloc(k); }
void untyped(size_t k) { anything = malloc(k); }
void inherits_and_more(int k) { b = malloc(sizeof(struct derived) + k * sizeof(long) + 1); }
struct little { struct base base; int one; } l;
void inherits_a_little(void) { b = malloc(sizeof(struct little) + 2); }
static struct base *made(size_t size) { struct base *p = malloc(size); return p; }
void as_base(size_t size) { b = made(size); }
void as_derived(size_t size) { struct derived *p = (struct derived *)made(size); b = &p->base; }
int main(void) { return 0; }
// REMARK: :13:{{.*}} its size contradicts its receiver's type
// REMARK: :14:{{.*}} its size contradicts its receiver's type
// REMARK: :15:{{.*}} its size contradicts its receiver's type
// REMARK: :16:{{.*}} its size contradicts its receiver's type
// REMARK: :17:{{.*}} its receivers are of different types
// REMARK: :18:{{.*}} a void pointer on the way to its receiver holds other objects too
// REMARK: :19:{{.*}} its type is incomplete
// REMARK: :20:{{.*}} nothing typed receives it
// REMARK: :21:{{.*}} its size contradicts its receiver's type
// REMARK: :23:{{.*}} its size contradicts its receiver's type
// CHECK-DAG: site inherits_and_more: - {{.*}} reason: its size contradicts its receiver's type
// CHECK-DAG: site inherits_a_little: - {{.*}} reason: its size contradicts its receiver's type
// REMARK: :24:{{.*}} callers of its function take it for different types
// CHECK-DAG: site made: - {{.*}} reason: callers of its function take it for different types
// CHECK-DAG: site reused: struct other elem=24 receiver=o callee=malloc {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site too_small: - elem=1 receiver=b callee=malloc at={{.*}}:13 {{.*}} reason: its size contradicts its receiver's type
// CHECK-DAG: site of_another: - {{.*}} reason: its size contradicts its receiver's type
// CHECK-DAG: site inherits: - {{.*}} reason: its size contradicts its receiver's type
// CHECK-DAG: site address: - {{.*}} reason: its size contradicts its receiver's type
// CHECK-DAG: site two_types: - {{.*}} reason: its receivers are of different types
// CHECK-DAG: site reused: - {{.*}} reason: a void pointer on the way to its receiver holds other objects too
// CHECK-DAG: site incomplete: - {{.*}} reason: its type is incomplete
// CHECK-DAG: site untyped: - {{.*}} reason: nothing typed receives it
