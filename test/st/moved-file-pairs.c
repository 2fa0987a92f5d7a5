/* A static pairs with its namesake when its file was renamed or the tree was built elsewhere. */
// RUN: rm -rf %t.d && mkdir -p %t.d/x %t.d/y && cp %s %t.d/x/before.c && cp %s %t.d/y/after.c
// RUN: %cc -DV=1 %t.d/x/before.c -o %t.1 && %cc -DV=2 %t.d/y/after.c -o %t.2
// RUN: %update | FileCheck %s
#include "harness.h"

static int counter;

static int *in_function(void) {
    static int counter;
    return &counter;
}

static void setup(void) {
    counter = 3;
    *in_function() = 4;
}

static void check(void) {
    // CHECK: ok: counter == 3
    CHECK(counter == 3);
    // CHECK: ok: *in_function() == 4
    CHECK(*in_function() == 4);
}
