/* Declared pointers that are not aligned, in variables, arrays and heap objects of packed structures,
 * are forwarded like any other. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

struct target {
#if V == 2
    long added;
#endif
    int value;
};

struct __attribute__((packed)) odd {
    char tag;
    struct target *target;
    int (*fn)(void);
};

struct outer {
    int n;
    struct odd odd[3];
};

static int version(void) {
    return V;
}

struct odd single;
struct outer outer;
struct odd *list;
struct target global;

static struct target *make(int value) {
    struct target *t = malloc(sizeof(*t));

    t->value = value;
    return t;
}

static void setup(void) {
    list = calloc(3, sizeof(*list));
    single = (struct odd) {1, make(1), version};
    outer.odd[1] = (struct odd) {2, make(2), version};
    outer.odd[2] = (struct odd) {3, &global, version};
    list[0] = (struct odd) {4, make(4), version};
    list[1] = (struct odd) {5, list[0].target, version};
    list[2] = (struct odd) {6, &global, version};
}

static void check(void) {
    // CHECK-COUNT-8: ok:
    CHECK(single.target->value == 1 && single.fn() == V);
    CHECK(outer.odd[0].target == NULL && outer.odd[0].fn == NULL);
    CHECK(outer.odd[1].target->value == 2 && outer.odd[1].fn() == V);
    CHECK(outer.odd[2].target == &global && outer.odd[2].fn() == V);
    CHECK(list[0].target->value == 4 && list[0].fn() == V);
    CHECK(list[1].target == list[0].target && list[1].fn() == V);
    CHECK(list[2].target == &global && list[2].fn() == V);
    CHECK(list[2].tag == 6);
}
