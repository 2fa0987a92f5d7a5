/* Bytes behind one object stay behind it where its allocation says that it is one, even if another
 * allocation does not say how many of its objects there are. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

struct head {
#if V == 2
    int *added;
#endif
    int *to;
};
static struct head *one;
static enum color {
#if V == 2
    NEW,
#endif
    OLD,
} *colors;
static size_t size = 10;

static void setup(void) {
    one = malloc(sizeof(*one) + size);
    memset(one, 0, sizeof(*one) + size);
    *(char *)(one + 1) = 'x';
    colors = malloc(size);
    memset(colors, 0, size);
}

static void check(void) {
    // CHECK-COUNT-2: ok:
    CHECK(*(char *)(one + 1) == 'x');
    CHECK(colors[0] == OLD);
}
