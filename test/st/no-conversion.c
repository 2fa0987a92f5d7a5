/* What has no conversion refuses the update, unless it is zero: place, both types and what to do. */
// RUN: %cc -DV=1 %s -o %t.1 && %cc -DV=2 %s -o %t.2 && %refused | FileCheck %s --check-prefix=KIND
// RUN: %cc -DV=1 -DWIDE %s -o %t.1 && %cc -DV=2 -DWIDE %s -o %t.2 && %refused | FileCheck %s --check-prefix=WIDE
// RUN: %cc -DV=1 -DBITS %s -o %t.1 && %cc -DV=2 -DBITS %s -o %t.2 && %refused | FileCheck %s --check-prefix=BITS
// RUN: %cc -DV=1 -DZERO %s -o %t.1 && %cc -DV=2 -DZERO %s -o %t.2 && %update | FileCheck %s --check-prefix=ZERO
#include "harness.h"

struct point {
    int x, y;
};
static struct {
    int first;
#if defined(WIDE)
#if V == 1
    __float128 value;
#else
    double value;
#endif
#elif defined(BITS)
#if V == 1
    unsigned value : 3;
#else
    struct point value;
#endif
#else
#if V == 1
    struct point value;
#else
    long value;
#endif
#endif
} state[2];

static void setup(void) {
#ifdef ZERO
    state[0].first = 1;
#else
    memset(&state[1], 1, sizeof(state[1]));
#endif
}

static void check(void) {
    // KIND: refused: {{.*}}:state[1].value ({{.*}}no-conversion.c:[[#@LINE-11]]): struct point became
    // KIND-SAME: long, for which there is no conversion: rename the new one, or convert it in a callback
    // WIDE: refused: {{.*}}:state[1].value ({{.*}}no-conversion.c:{{[0-9]+}}): __float128 cannot be
    // WIDE-SAME: converted to double: convert it in a callback
    // BITS: refused: {{.*}}:state[1].value ({{.*}}no-conversion.c:{{[0-9]+}}): unsigned int became
    // BITS-SAME: struct point, for which there is no conversion: rename the new one, or convert it in a
    // ZERO: ok:
    CHECK(state[0].first == 1);
}
