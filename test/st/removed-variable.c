/* A removed variable is reported if it held anything; a pointer to it refuses the update. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: %cc -DV=1 -DPOINTED %s -o %t.1 && %refused | FileCheck --check-prefix=POINTED %s
#include "harness.h"

#if V == 1
int gone, gone_zero;
#endif
static int *pointer;

static void setup(void) {
#if V == 1
    gone = 4;
    if (gone_zero)
        pointer = &gone_zero;
#ifdef POINTED
    pointer = &gone;
#endif
#endif
}

static void check(void) {
    // CHECK: warning: gone ({{.*}}removed-variable.c:8): dropped: the variable no longer exists; if
    // CHECK-SAME: one continues it, say there renamed_from=gone
    // CHECK-NOT: gone_zero
    // CHECK: ok: pointer == NULL
    // POINTED: refused: {{.*}}:pointer ({{.*}}): points to variable gone+0 ({{.*}}removed-variable.c:8), which the new version does not have
    CHECK(pointer == NULL);
}
