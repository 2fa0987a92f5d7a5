/* A narrower type takes over a value that fits. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

#if V == 1
static long narrow;
static int becomes_bool;
#else
static short narrow;
static _Bool becomes_bool;
#endif

static void setup(void) {
    narrow = -32768, becomes_bool = 1;
}

static void check(void) {
    // CHECK: ok: narrow == -32768
    CHECK(narrow == -32768);
    // CHECK: ok: becomes_bool == 1
    CHECK(becomes_bool == 1);
}
