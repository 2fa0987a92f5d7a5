// Linkage, storage and constness of a variable are flags.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int external;
static int internal;
const int constant = 1;
__attribute__((weak)) int weak;
__attribute__((visibility("hidden"))) int hidden;
int *use(void) { return &internal; }
int main(void) { return 0; }
// CHECK-DAG: var external: int size=4 align=4 scope=- at={{.*}}vars-flags.c:3 flags:{{$}}
// CHECK-DAG: var internal: int size=4 align=4 scope=- at={{.*}}:4 flags: STATIC{{$}}
// CHECK-DAG: var constant: int {{.*}}flags: CONST{{$}}
// CHECK-DAG: var weak: int {{.*}}flags: WEAK{{$}}
// CHECK-DAG: var hidden: int {{.*}}flags:{{$}}
