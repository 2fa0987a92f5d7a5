/* A declared pointer to a thread-local variable whose structure changed leads to its successor, and
 * pointers in one are told apart by their types like those in any other variable. So does a pointer in
 * memory of unknown type, to whichever of them comes first in the thread's block. */
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
static void *blob;

static void setup(void) {
    local.inner.a = 1;
    local.b = 2;
    pointer = &local;
    end = array + 2;
    first = &global.inner;
    blob = malloc(4096);
    memset(blob, 0, 4096);
    ((void **)blob)[1] = &local;
    ((void **)blob)[2] = &first;
    ((void **)blob)[3] = array;
}

static void check(void) {
    // CHECK-COUNT-7: ok:
    CHECK(pointer == &local);
    CHECK(pointer->inner.a == 1 && pointer->b == 2);
    CHECK(end == array + 2);
    CHECK(first == &global.inner);
    CHECK(((void **)blob)[1] == &local);
    CHECK(((void **)blob)[2] == &first);
    CHECK(((void **)blob)[3] == array);
}
