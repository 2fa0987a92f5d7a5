/* The refusal of one pointer is not taken for one of those that were followed before it, where objects
 * were converted in place and the same address means another thing in the new version. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

struct link {
    struct link *next, *prev;
};
struct item {
    struct link link;
#if V == 1
    long gone;
#endif
    int a;
};

static struct item *holder, *items;
#if V == 1
static struct link head;
#endif

static void setup(void) {
    holder = calloc(1, sizeof(*holder));
    items = calloc(3, sizeof(*items));
    holder->link.next = &items[2].link;
#if V == 1
    items[2].link.prev = &head;
#endif
}

static void check(void) {}
// CHECK: refused: struct item allocated in setup() ({{.*}}dangling-behind-forwarded.c:25): .link.prev points to
// CHECK-SAME: variable {{.*}}head+0 ({{.*}}:20), which the new version does not have
