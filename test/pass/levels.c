// Every level of optimisation gives the same valid records, without dynamic relocations.
// RUN: %magic_cc -O0 -S -emit-llvm %s -o - | %verify
// RUN: %magic_cc -O3 -S -emit-llvm %s -o - | %verify
// RUN: %magic_cc -O0 -c %s -o %t.o && %link_service -fuse-ld=bfd %t.o -o %t && %records %t | FileCheck %s
// RUN: %magic_cc -O1 -c %s -o %t.o && %link_service -fuse-ld=gold %t.o -o %t && %records %t | FileCheck %s
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service -fuse-ld=lld %t.o -o %t && %records %t | FileCheck %s
// RUN: %magic_cc -O3 -c %s -o %t.o && %link_service -fuse-ld=bfd %t.o -o %t && %records %t | FileCheck %s
// RUN: %magic_cc -Os -c %s -o %t.o && %link_service -fuse-ld=lld %t.o -o %t && %records %t | FileCheck %s
#include <stdlib.h>
struct node { struct node *next; } *head;
static int count, never_written;
static void push(void) {
  struct node *n = malloc(sizeof *n);
  n->next = head;
  head = n;
  count++;
}
int main(void) { push(); return never_written; }
// CHECK-DAG: var head: struct node* {{.*}}flags:{{$}}
// CHECK-DAG: var count: int {{.*}}flags: STATIC{{$}}
// CHECK-DAG: var never_written: int {{.*}}flags: STATIC{{$}}
// CHECK-DAG: site push: struct node elem=8 receiver=n callee=malloc {{.*}}ordinal=0 flags: SINGLE{{$}}
