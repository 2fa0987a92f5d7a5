/* Two statics of one name, of which neither is in the old one's file: an error that names both. */
// RUN: rm -rf %t.d && mkdir -p %t.d && cp %s %t.d/old.c && cp %s %t.d/main.c
// RUN: echo 'int counter(void); static int count; int *a(void) { return &count; }' > %t.d/a.c
// RUN: echo 'static int count; int *b(void) { return &count; }' > %t.d/b.c
// RUN: %cc -DV=1 %t.d/old.c -o %t.1
// RUN: %cc -DV=2 %t.d/main.c %t.d/a.c %t.d/b.c -o %t.2
// RUN: %refused | FileCheck %s
#include "harness.h"

#if V == 1
static int count;
static void setup(void) {
    count = 1;
}
static void check(void) {
    printf("%d\n", count);
}
#else
int *a(void);
int *b(void);
static void setup(void) {
}
static void check(void) {
    // CHECK: refused: {{.*}}old.c:count{{.*}}could be continued by {{.*}}a.c:count {{.*}} or by {{.*}}b.c:count {{.*}}: say which one with renamed_from={{.*}}old.c:count
    printf("%d\n", *a() + *b());
}
#endif
