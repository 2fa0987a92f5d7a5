/* Members that are added, removed, reordered or widened are matched by name; new ones keep the
 * initialiser of the new version; one that is dropped with a value in it is reported. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

struct inner {
#if V == 1
    short a, b;
#else
    int b;
    long added;
    int a;
#endif
};

#if V == 1
struct outer {
    int x;
    struct inner in[2];
    int removed;
    int removed_zero;
    const char *name;
} state;
#else
struct outer {
    const char *name;
    int added;
    struct inner in[2];
    long x;
} state = {.added = 5, .in[1].added = 6};
#endif

static void setup(void) {
#if V == 1
    state = (struct outer){1, {{2, 3}, {4, 5}}, 6, 0, "literal"};
#endif
}

static void check(void) {
#if V == 2
    // CHECK: warning: state.removed ({{.*}}): dropped: the member no longer exists; if one
    // CHECK-SAME: continues it, say there renamed_from=removed
    // CHECK-NOT: removed_zero
    // CHECK-COUNT-8: ok:
    CHECK(state.x == 1);
    CHECK(state.in[0].a == 2 && state.in[0].b == 3);
    CHECK(state.in[1].a == 4 && state.in[1].b == 5);
    CHECK(state.added == 5);
    CHECK(state.in[0].added == 0);
    CHECK(state.in[1].added == 6);
    CHECK(strcmp(state.name, "literal") == 0);
    CHECK(st_last_stats()->warnings == 1);
#endif
}
