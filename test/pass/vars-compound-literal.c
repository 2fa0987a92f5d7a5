// A compound literal holds state but has no source name and no known type.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int *list = (int[]){1, 2, 3};
int main(void) { return 0; }
// CHECK: var {{.*}}compoundliteral{{.*}}: - size=12 align=4 scope=- at=-:0 flags: STATIC ANONYMOUS{{$}}
