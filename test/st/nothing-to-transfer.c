/* A transfer without a new version is refused. */
// RUN: %versions
// RUN: not %t.2 | FileCheck %s
#include "harness.h"

static void setup(void) {
#if V == 2
    int code = _magic_state_transfer(NULL);

    // CHECK: refused: -104 no new version is loaded
    printf("refused: %d %s\n", code, st_last_error()->text);
    exit(1);
#endif
}

static void check(void) {
}
