/* A declared pointer to a thread-local variable whose structure changed leads to its successor, and
 * pointers in one are told apart by their types like those in any other variable. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

struct inner {
    int a;
};

struct changed {
#if V == 2
    long added;
#endif
    struct inner inner;
    int b;
};

_Thread_local struct changed local;
_Thread_local struct inner *first;
_Thread_local struct changed array[2];
struct changed *pointer, *end;
struct changed global;

static void setup(void) {
    local.inner.a = 1;
    local.b = 2;
    pointer = &local;
    end = array + 2;
    first = &global.inner;
}

static void check(void) {
    // CHECK-COUNT-4: ok:
    CHECK(pointer == &local);
    CHECK(pointer->inner.a == 1 && pointer->b == 2);
    CHECK(end == array + 2);
    CHECK(first == &global.inner);
}
