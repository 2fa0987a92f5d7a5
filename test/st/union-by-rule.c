/* A union is converted by the member that its structure's tag names; renamed members are followed. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"
#include <sef/attributes.h>

struct point {
#if V == 2
    int z;
#endif
    int x, y;
};
static struct point origin = {.x = 3, .y = 4};

enum tag { NONE, NUMBER = V, POINT, POINTER };
struct value {
#if V == 2
    char added;
#endif
    enum tag tag;
#if V == 1
    union {
        int number;
        struct point point;
        struct point *at;
    } u;
#else
    union {
        double real;
        struct point point;
        long count SEF_RENAMED_FROM("number");
        struct point *at;
    } u SEF_UNION_BY("tag: NUMBER=count, POINT=point, POINTER=at");
#endif
};
static struct value *values[4];

static void setup(void) {
    for (int i = 0; i < 4; i++) {
        values[i] = malloc(sizeof(struct value));
        values[i]->tag = i ? NUMBER + i - 1 : NONE;
    }
#if V == 1
    values[1]->u.number = -5;
#endif
    values[2]->u.point = origin;
    values[3]->u.at = &values[2]->u.point;
}

static void check(void) {
    // CHECK-COUNT-5: ok:
    // CHECK-NOT: FAILED
#if V == 2
    CHECK(values[0]->tag == NONE && values[0]->u.count == 0);
    CHECK(values[1]->tag == NUMBER && values[1]->u.count == -5);
    CHECK(values[2]->tag == POINT && values[2]->u.point.x == 3 && values[2]->u.point.y == 4);
    CHECK(values[3]->tag == POINTER && values[3]->u.at == &values[2]->u.point);
    CHECK(origin.x == 3 && origin.y == 4 && origin.z == 0);
#endif
}
