// Mappings are typed by their receivers like blocks, and say that they are mappings; so are those that
// a wrapper gives out.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#define _GNU_SOURCE
#include <sys/mman.h>
struct page { struct page *next; char data[4088]; } *pages, *list;
void *anything;
static void *map(size_t size) { return mmap(0, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
void a(int k) { pages = mmap(0, k * sizeof *pages, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
void b(int k) { pages = mremap(pages, sizeof *pages, k * sizeof *pages, MREMAP_MAYMOVE); }
void c(void) { list = map(sizeof *list); }
void d(void) { anything = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
int main(void) { return 0; }
// CHECK-DAG: site a: struct page elem=4096 receiver=pages callee=mmap {{.*}}flags: ARRAY MAPPED{{$}}
// CHECK-DAG: site b: struct page elem=4096 receiver=pages callee=mremap {{.*}}flags: ARRAY MAPPED{{$}}
// CHECK-DAG: site c: struct page elem=4096 receiver=list callee=map {{.*}}flags: SINGLE WRAPPER MAPPED{{$}}
// CHECK-DAG: site d: - elem=1 receiver=anything callee=mmap {{.*}}flags: MAPPED reason: nothing typed receives it
