/* In memory of unknown type an address of a structure whose first member is a structure too, and is not the first any
 * more, may mean either: that is refused, or, if the user says so, taken for the whole. */
// RUN: %versions
// RUN: %refused | FileCheck %s --check-prefix=REFUSE
// RUN: env ST_RULES="policy unknown=warn" %update | FileCheck %s
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
static struct entry *entry;
static char *plain;

static void setup(void) {
    entry = malloc(sizeof(*entry));
    entry->value = 1;
    plain = malloc(sizeof(void *));
    memcpy(plain, &(void *){entry}, sizeof(void *));
}

static void check(void) {
    // REFUSE: refused: memory at 0x{{[0-9a-f]+}}: is not declared as a pointer, but leads to where a struct entry begins, whose first member link is not the first any more: it may mean either, and is taken for the whole; name its allocator to sef-cc with --sef-alloc (policy unknown=warn allows it)
    // CHECK: warning: memory at 0x{{[0-9a-f]+}}: is not declared as a pointer, but leads to where a struct entry begins
    // CHECK-COUNT-2: ok:
    CHECK(entry->value == 1 && entry->link.next == NULL);
    CHECK(memcmp(plain, &(void *){entry}, sizeof(void *)) == 0);
}
