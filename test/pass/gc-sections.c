// With --gc-sections records of live variables and functions stay; lld drops those of dead ones,
// bfd and gold may keep them.
// RUN: %magic_cc -O1 -ffunction-sections -fdata-sections -fvisibility=hidden -c %s -o %t.o
// RUN: %link_service -Wl,--gc-sections -fuse-ld=bfd %t.o -o %t && %records %t | FileCheck %s
// RUN: %link_service -Wl,--gc-sections -fuse-ld=gold %t.o -o %t && %records %t | FileCheck %s
// RUN: %link_service -Wl,--gc-sections -fuse-ld=lld %t.o -o %t && %records %t | FileCheck %s --check-prefixes=CHECK,LLD
struct live_type { int v; } live;
struct dead_type { int v; } dead;
_Thread_local int live_tls;
int dead_function(void) { return dead.v; }
__attribute__((noinline)) int live_function(void) { return live.v + live_tls; }
int main(void) { return live_function(); }
// CHECK: module
// LLD-NOT: dead
// CHECK-DAG: type struct live_type
// CHECK-DAG: var live: struct live_type
// CHECK-DAG: var live_tls: int
// CHECK-DAG: func live_function
// CHECK-DAG: func main
// LLD-NOT: dead
