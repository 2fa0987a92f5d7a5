/* A pointer to a first member that is no longer first follows the member; one to the structure,
 * at the same address, follows the structure. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

struct link {
    struct link *next;
};
struct entry {
#if V == 2
    long added;
#endif
    struct link link;
    int value;
};
static struct link list;
static struct entry *first;

static void setup(void) {
    first = malloc(sizeof(*first));
    first->value = 1;
    first->link.next = NULL;
    list.next = &first->link;
}

static void check(void) {
    // CHECK-COUNT-2: ok:
    CHECK(list.next == &first->link);
    CHECK(first->value == 1 && first->link.next == NULL);
}
