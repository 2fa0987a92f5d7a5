// A pointer that is declared here and defined elsewhere has no debug information. What it leads to is told by
// the members that are taken behind it, if those are always of one struct.
// RUN: %magic_cc -O2 -fno-eliminate-unused-debug-types -c %s -o %t.o
// RUN: %link_service %t.o -o %t -Wl,-z,undefs && %records %t | FileCheck %s
#include <stdlib.h>
struct item { struct item *next; int n; };
struct conf { int a; struct item *items; };
struct other { long v[4]; };
extern struct conf *conf;
extern struct conf *either;
extern struct conf *untouched;
extern void *raw;
void *unknown(size_t size);
void direct(void) { conf = malloc(sizeof(struct conf)); }
void maybe(void) { conf = unknown(sizeof(struct conf)); }
void contradicts(void) { conf = malloc(8); }
void member(void) { conf->items = malloc(sizeof(struct item)); }
int follow(void) { return conf->a; }
void of_two(void) { either = malloc(sizeof(struct conf)); }
int as_one(void) { return either->a; }
long as_other(void) { return ((struct other *)either)->v[1]; }
void nowhere(void) { untouched = malloc(sizeof(struct conf)); }
void by_cast(void) { raw = malloc(sizeof(struct other)); }
long through_cast(void) { return ((struct other *)raw)->v[2]; }
int main(void) { return 0; }
// CHECK-DAG: site direct: struct conf elem=16 receiver=conf callee=malloc {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site maybe: struct conf elem=16 receiver=conf callee=unknown {{.*}}flags: SINGLE LATE{{$}}
// CHECK-DAG: site contradicts: - {{.*}}reason: its size contradicts its receiver's type
// CHECK-DAG: site member: struct item elem=16 receiver=items callee=malloc {{.*}}flags: SINGLE{{$}}
// CHECK-DAG: site of_two: - {{.*}}reason: nothing typed receives it
// CHECK-DAG: site nowhere: - {{.*}}reason: nothing typed receives it
// CHECK-DAG: site by_cast: struct other elem=32 receiver=raw callee=malloc {{.*}}flags: SINGLE{{$}}
