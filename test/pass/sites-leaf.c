// Bytes need no mark when libc allocates them, and are counted only; a wrapper is told, so that
// nothing inside it types them.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#include <stdlib.h>
#include <string.h>
char *text;
unsigned char *bytes;
static void *wrap(size_t n) { return malloc(n); }
void direct(void) { text = malloc(10); bytes = calloc(3, 4); }
void copied(const char *s) { text = strdup(s); }
void wrapped(size_t n) { text = wrap(n); }
int main(void) { return 0; }
// CHECK-DAG: site direct: - elem=1 receiver=text callee=malloc {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site direct: - elem=1 receiver=bytes callee=calloc {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site copied: - elem=1 receiver=- callee=strdup {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site wrapped: - elem=1 receiver=text callee=wrap {{.*}}flags: LEAF WRAPPER{{$}}
