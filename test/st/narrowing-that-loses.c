/* A value that the new type cannot hold refuses the update and names variable, value and line. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

#if V == 1
static long narrow;
#else
static short narrow;
#endif

static void setup(void) {
    volatile int big = 32768;

    narrow = big;
}

static void check(void) {
    // CHECK: refused: {{.*}}narrowing-that-loses.c:narrow ({{.*}}narrowing-that-loses.c:7): value 32768 does not fit the new type short
    // CHECK-SAME: (policy lost=warn allows it)
    printf("%ld\n", (long)narrow);
}
