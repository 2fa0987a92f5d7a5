// Link-time optimisation keeps the records of each unit, once.
// RUN: %magic_cc -O2 -flto=thin -c %s -o %t.o
// RUN: %link_service -flto=thin -O2 -fuse-ld=lld %t.o -o %t && %records %t | FileCheck %s
// RUN: %link_service -flto=thin -O2 -fuse-ld=lld -Wl,--load-pass-plugin=%plugin %t.o -o %t && %records %t | FileCheck %s
// RUN: %magic_cc -O2 -flto -c %s -o %t.o
// RUN: %link_service -flto -O2 -fuse-ld=lld %t.o -o %t && %records %t | FileCheck %s
struct pair { int *a, b; };
static struct pair pair;
static void set(int *p) { pair.a = p; }
void (*setter)(int *) = set;
int main(void) { setter(&pair.b); return 0; }
// CHECK: module
// CHECK-DAG: var pair: struct pair
// CHECK-DAG: var setter:
// CHECK-DAG: func set:
// CHECK-DAG: func main:
// CHECK-NOT: var pair:
