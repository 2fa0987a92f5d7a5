/* Heap objects whose type grew are rebuilt: list links, interior pointers, pointers to members, to
 * elements and one past the end, from variables and from other objects, all follow. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

struct node {
#if V == 2
    long stamp;
#endif
    struct node *next;
    int value;
#if V == 2
    int extra[4];
#endif
};

static struct node *head, **tail, *array, *last, *end;
static int *value_of_second, *value_in_array;
struct owner {
    struct node *node;
    struct owner *self;
};
static struct owner *owner;

static void setup(void) {
    tail = &head;
    for (int i = 0; i < 1000; i++) {
        struct node *n = malloc(sizeof(*n));

        n->next = NULL;
        n->value = i;
        *tail = n;
        tail = &n->next;
    }
    value_of_second = &head->next->value;
    array = calloc(10, sizeof(*array));
    for (int i = 0; i < 10; i++)
        array[i].value = 100 + i;
    last = &array[9], end = array + 10;
    value_in_array = &array[3].value;
    owner = malloc(sizeof(*owner));
    *owner = (struct owner){head->next->next, owner};
}

static void check(void) {
    int n = 0, sum = 0;
    struct node *p;

    for (p = head; p; p = p->next, n++)
        sum += p->value == n;
    // CHECK-COUNT-8: ok:
    CHECK(n == 1000 && sum == 1000);
    CHECK(value_of_second == &head->next->value && *value_of_second == 1);
    CHECK(last == &array[9] && last->value == 109);
    CHECK(end == array + 10);
    CHECK(value_in_array == &array[3].value && *value_in_array == 103);
    CHECK(owner->node == head->next->next && owner->self == owner);
    CHECK(*tail == NULL);
    CHECK(st_last_stats()->objects_moved == 1001);
}
