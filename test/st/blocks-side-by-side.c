/* Where an allocator puts blocks side by side, a pointer to the block after one that moved is not
 * taken for a pointer to its end. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: env LD_PRELOAD=libjemalloc.so.2 ST_NEXT=%t.2 %t.1 | FileCheck %s
#include "harness.h"

struct node {
#if V == 2
    long added;
#endif
    struct node *next;
    char *text;
};
struct stays {
    long number;
    char *text;
};
enum { COUNT = 500 };
static struct node *nodes[COUNT];
static struct stays *stays[COUNT];

static void setup(void) {
    for (int i = 0; i < COUNT; i++) {
        nodes[i] = malloc(sizeof(*nodes[i]));
        nodes[i]->next = i ? nodes[i - 1] : NULL;
        nodes[i]->text = malloc(16);
        snprintf(nodes[i]->text, 16, "text %d", i);
        stays[i] = malloc(sizeof(*stays[i]));
        *stays[i] = (struct stays){i, nodes[i]->text};
    }
}

static void check(void) {
    char text[16];
    int good = 0;

    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof(text), "text %d", i);
        good += strcmp(nodes[i]->text, text) == 0 && stays[i]->number == i &&
            stays[i]->text == nodes[i]->text && nodes[i]->next == (i ? nodes[i - 1] : NULL);
    }
    // CHECK: ok: good == COUNT
    CHECK(good == COUNT);
}
