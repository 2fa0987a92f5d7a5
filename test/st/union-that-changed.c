/* A union whose bytes do not say what they are refuses the update, and tells which rule to write. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

static struct {
    int tag;
    union {
        int *pointer;
#if V == 1
        int number;
#else
        long number;
#endif
    } value;
} state;

static void setup(void) {
    state.tag = 1;
    state.value.number = 7;
}

static void check(void) {
    // CHECK: refused: {{.*}}:state.value ({{.*}}union-that-changed.c:16): union {...} changed: say
    // CHECK-SAME: which member holds the value, with union_by=TAG: VALUE=MEMBER, ...
    // CHECK-SAME: (policy union=warn allows it)
    CHECK(state.tag == 1);
}
