/* What a transfer drops is counted value by value and logged place by place: neither the objects of
 * one kind nor the elements of one array, however many, keep another place from being named. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

enum { COUNT = 1000 };

struct node {
    struct node *next;
#if V == 1
    int first, second;
#endif
};

struct element {
    int kept;
#if V == 1
    int dropped;
#endif
};

static struct node *list;
static struct element elements[COUNT];
#if V == 1
int gone;
#endif

static void setup(void) {
#if V == 1
    for (int i = 0; i < COUNT; i++) {
        struct node *node = malloc(sizeof(*node));

        *node = (struct node){list, 1, 2};
        list = node;
        elements[i] = (struct element){1, 2};
    }
    gone = 1;
#endif
}

static void check(void) {
#if V == 2
    // CHECK-DAG: warning: struct node.first allocated in setup() ({{.*}}): dropped: the member
    // CHECK-DAG: warning: struct node.second allocated in setup() ({{.*}}): dropped: the member
    // CHECK-DAG: warning: {{.*}}elements[0].dropped ({{.*}}): dropped: the member no longer exists
    // CHECK-DAG: warning: gone ({{.*}}): dropped: the variable no longer exists
    // CHECK-NOT: warning
    // CHECK: ok:
    CHECK(list && elements[0].kept == 1);
    CHECK(st_last_stats()->warnings == 3 * COUNT + 1);
#endif
}
