// Base types keep their name, size and what C knows of them.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s
#include <stdbool.h>
int i;
unsigned char uc;
signed char sc;
char c;
bool b;
long double ld;
_Complex float cf;
__int128 wide;
int main(void) { return 0; }
// CHECK-DAG: type int: INTEGER size=4 align=4 {{.*}}flags:{{$}}
// CHECK-DAG: type unsigned char: INTEGER size=1 align=1 {{.*}}flags: UNSIGNED CHAR{{$}}
// CHECK-DAG: type signed char: INTEGER size=1 align=1 {{.*}}flags: CHAR{{$}}
// CHECK-DAG: type char: INTEGER size=1 align=1 {{.*}}flags: CHAR{{$}}
// CHECK-DAG: type _Bool: INTEGER size=1 align=1 {{.*}}flags: UNSIGNED BOOL{{$}}
// CHECK-DAG: type long double: FLOAT size=16 align=16 {{.*}}flags:{{$}}
// CHECK-DAG: type complex: FLOAT size=8 align=4 {{.*}}flags: COMPLEX{{$}}
// CHECK-DAG: type __int128: INTEGER size=16 align=16 {{.*}}flags:{{$}}
