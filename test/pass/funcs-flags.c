// External functions and those whose address is taken have records, the latter with their type;
// others have none.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not=called
static int called(int x) { return x + 1; }
static int handler(int x) { return x; }
static int (*table[])(int) = {handler};
__attribute__((weak)) int hook(void) { return 0; }
int external(void) { return hook(); }
int main(int argc, char **argv) { return table[0](called(argc)) + external(); }
// CHECK-DAG: func handler: int(int) at={{.*}}funcs-flags.c:5 flags: STATIC ADDRESS_TAKEN{{$}}
// CHECK-DAG: func hook: - at={{.*}}flags: WEAK{{$}}
// CHECK-DAG: func external: - at={{.*}}flags:{{$}}
// CHECK-DAG: func main: - at={{.*}}flags:{{$}}
