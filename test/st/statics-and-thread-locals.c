/* File statics, function statics, thread-locals and pointers to each go over. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

static int counter;
static __thread int local;
__thread long external_local = 1;
static int *to_static, *to_local, *to_counter;
#if V == 2
static int new_one = 17;
#endif

static int *in_first(void) {
    static int counter = 100;
    return &counter;
}
static int *in_second(void) {
    static int counter = 200;
    return &counter;
}

static void setup(void) {
    counter = 1;
    ++*in_first();
    *in_second() += 2;
    local = 5, external_local = 6;
    to_static = in_second(), to_local = &local, to_counter = &counter;
}

static void check(void) {
#if V == 2
    // CHECK-COUNT-9: ok:
    CHECK(counter == 1);
    CHECK(*in_first() == 101);
    CHECK(*in_second() == 202);
    CHECK(local == 5);
    CHECK(external_local == 6);
    CHECK(to_static == in_second());
    CHECK(to_local == &local);
    CHECK(to_counter == &counter);
    CHECK(new_one == 17);
#endif
}
