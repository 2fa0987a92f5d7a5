/* A callback that writes to a state table is found out in the end, where structures are walked. */
// REQUIRES: expensive-checks
// RUN: %versions
// RUN: %refused | FileCheck %s
#if V == 2
#define PREPARE
#endif
#include <stdint.h>
#include "harness.h"
#include <st/callback.h>

#if V == 1
static int value;
#else
static long value;
#endif

static void setup(void) {
    value = 3;
}

#if V == 2
static int convert(const struct st_element *e, void *ctx) {
    struct magic_type *type = (struct magic_type *)(uintptr_t)e->old_type;

    type->align = 3;
    return st_element_convert(e);
}

static void prepare(void) {
    if (st_setcb_selement_transfer(convert, ST_CB_TYPE_SENTRY, "value", NULL) != 0)
        abort();
}
#endif

static void check(void) {
    // CHECK: refused: malformed after the transfer: state table: type {{[0-9]+}}: its alignment is no power of two; this is an error in SEF, or of a callback that wrote where it should not{{$}}
    CHECK(value == 3);
}
