/* An error of the callback before or after the transfer refuses the update and says which one it was. */
// RUN: %versions
// RUN: env HOOK=before %refused | FileCheck %s --check-prefix=BEFORE
// RUN: env HOOK=after %refused | FileCheck %s --check-prefix=AFTER
#define PREPARE
#include "harness.h"
#include <st/callback.h>

static int no(void *code) {
    return *(int *)code;
}

static void prepare(void) {
    static int refused = MAGIC_ENOTSUP, wrong = 1;

    if (strcmp(getenv("HOOK"), "before") == 0)
        st_setcb_before_transfer(no, &refused);
    else
        st_setcb_after_transfer(no, &wrong);
}

static void setup(void) {
}

static void check(void) {
    // BEFORE: refused: the callback before the transfer returned -116
    // A positive number is no code: it becomes one.
    // AFTER: refused: the callback after the transfer returned {{-[0-9]+}}
    CHECK(!"nothing was refused");
}
