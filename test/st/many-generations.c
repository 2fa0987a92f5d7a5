/* State survives a chain of updates and downgrades. */
// RUN: %versions
// RUN: cp %t.1 %t.3 && cp %t.2 %t.4 && cp %t.1 %t.5 && cp %t.2 %t.6
// RUN: env ST_NEXT=%t.2:%t.3:%t.4:%t.5:%t.6 %t.1 | FileCheck %s
#include "harness.h"

struct node {
#if V == 2
    long added;
#endif
    struct node *next;
    int value;
};
static struct node *list;
static int updates;
static int (*function)(void);

static int version(void) {
    return V;
}

static void push(int value) {
    struct node *n = calloc(1, sizeof(*n));

    n->next = list;
    n->value = value;
    list = n;
}

static void setup(void) {
    function = version;
    for (int i = 0; i < 100; i++)
        push(i);
}

static void check(void) {
    int n = 0;

    push(100 + updates++);
    for (struct node *p = list; p; p = p->next, n++)
        if (p->value != 99 + updates - n)
            printf("FAILED at %d\n", n);
    printf("version %d, %d nodes, %d updates\n", function(), n, updates);
    // CHECK: version 2, 101 nodes, 1 updates
    // CHECK-NEXT: version 1, 102 nodes, 2 updates
    // CHECK-NEXT: version 2, 103 nodes, 3 updates
    // CHECK-NEXT: version 1, 104 nodes, 4 updates
    // CHECK-NEXT: version 2, 105 nodes, 5 updates
}
