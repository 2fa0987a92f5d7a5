// The state table of a variant is that of the program: names, types, alignment, order of sites.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | sort >%t.plain
// RUN: env MAGIC_PASS_OPTIONS="asr=7" %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | sort >%t.variant
// RUN: diff %t.plain %t.variant && FileCheck %s --input-file=%t.variant
// RUN: env MAGIC_PASS_OPTIONS="asr=7" %magic_cc -O2 -flto -c %s -o %t.o && %link_service -flto -O2 -fuse-ld=lld %t.o -o %t
// RUN: %records %t | sort >%t.lto && diff %t.plain %t.lto
#include <stdlib.h>
struct node { struct node *next; int v; } *head;
static int counter = 3;
_Thread_local int local;
static int hidden(int x) { static int calls; return x + ++calls + counter++; }
int (*hook)(int) = hidden;
struct node *one(void) { return head = malloc(sizeof *head); }
struct node *two(void) { return head = malloc(sizeof *head); }
int main(void) { static int calls; one(); two(); free(head); return hook(local) + ++calls; }
// CHECK-DAG: var calls: int {{.*}}scope=hidden
// CHECK-DAG: var calls: int {{.*}}scope=main
// CHECK-DAG: func hidden: int(int)
// CHECK-DAG: site one: struct node
