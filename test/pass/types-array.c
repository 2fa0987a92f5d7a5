// One record a dimension; vectors are arrays; unknown bounds have no elements.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
int matrix[3][4];
char *names[2];
typedef float v4 __attribute__((vector_size(16)));
v4 vec;
int (*open_ended)[];
int main(void) { return 0; }
// CHECK-DAG: type int[4][3]: ARRAY size=48 align=4 nelems=3 {{.*}}target=int[4] {{.*}}flags:{{$}}
// CHECK-DAG: type int[4]: ARRAY size=16 align=4 nelems=4 {{.*}}target=int {{.*}}flags:{{$}}
// CHECK-DAG: type char*[2]: ARRAY size=16 align=8 nelems=2 {{.*}}target=char* {{.*}}flags: HAS_POINTERS{{$}}
// CHECK-DAG: type float[4]: ARRAY size=16 align=16 nelems=4 {{.*}}flags: VECTOR{{$}}
// CHECK-DAG: type int[0]: ARRAY size=0 align=4 nelems=0 {{.*}}target=int
