/* A union that would need conversion refuses the update. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

static struct {
    int tag;
    union {
        int *pointer;
#if V == 2
        char text[16];
#endif
    } value;
} state;

static void setup(void) {
    state.tag = 1;
}

static void check(void) {
    // CHECK: refused: {{.*}}:state{{.*}} a union changed; unions are not converted yet
    CHECK(state.tag == 1);
}
