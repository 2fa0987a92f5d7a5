/* An error of a callback refuses the update and names callback, variable and place. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#if V == 2
#define PREPARE
#endif
#include "harness.h"
#include <st/callback.h>

static struct { int a, b; } pair;

static void setup(void) {
    pair.b = 1;
}

#if V == 2
static int no(const struct st_element *e, void *ctx) {
    return MAGIC_ENOTSUP;
}

static void prepare(void) {
    if (st_setcb_selement_transfer(no, ST_CB_TYPE_SENTRY, "pair", NULL))
        abort();
}
#endif

static void check(void) {
    // CHECK: refused: {{.*}}:pair ({{.*}}callback-that-refuses.c:10): the callback for "pair"
    // CHECK-SAME: returned -116
    CHECK(pair.b == 1);
}
