// What libc allocates for a text is a leaf, whether it is returned or stored through an argument.
// RUN: %magic_cc -O2 -c %s -o %t.o && %link_service %t.o -o %t && %records %t | FileCheck %s --implicit-check-not="{{^}}site"
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
char *text;
wchar_t *wide;
size_t room;
void a(const char *s) { text = strdup(s); }
void b(const char *s) { text = strndup(s, 3); }
void c(FILE *f) { getline(&text, &room, f); }
void d(int k) { asprintf(&text, "%d", k); }
void e(const char *f, va_list ap) { vasprintf(&text, f, ap); }
void f(const wchar_t *s) { wide = wcsdup(s); }
int main(void) { return 0; }
// CHECK-DAG: site a: - {{.*}}callee=strdup {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site b: - {{.*}}callee=strndup {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site c: - {{.*}}callee={{_*}}getline {{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site d: - {{.*}}callee={{_*}}asprintf{{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site e: - {{.*}}callee={{_*}}vasprintf{{.*}}flags: LEAF{{ *$}}
// CHECK-DAG: site f: - {{.*}}callee=wcsdup {{.*}}flags: LEAF{{ *$}}
