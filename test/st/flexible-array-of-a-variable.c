/* What an initializer gave the flexible array of a variable is state like the rest, also when its
 * elements change; elements that are cut off must not be in use. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: env ST_NEXT=%t.2 CUT=1 not %t.1 | FileCheck %s --check-prefix=CUT
#include "harness.h"

struct pair {
#if V == 2
    char added;
#endif
    int a, b;
};
static struct same {
    int n;
    int values[];
} same = {3, {1, 2, 3}};
static struct list {
#if V == 2
    long added;
#endif
    int n;
    struct pair pairs[];
#if V == 1
} list = {2, {{1, 2}, {3, 4}}};
static struct cut { int n; long values[]; } cut = {3, {1, 2, 3}};
#else
} list = {.n = 3, .pairs = {{.a = 9}, {.a = 9}, {.a = 9, .b = 9}}};
static struct cut { int n; long values[]; } cut = {2, {1, 2}};
#endif
static int *second;

static void setup(void) {
    same.values[2] = 30;
    list.pairs[1].b = 40;
    second = &list.pairs[1].b;
    cut.values[2] = getenv("CUT") ? 5 : 0;
}

static void check(void) {
    // CUT: refused: {{.*}}:cut ({{.*}}flexible-array-of-a-variable.c:26): its flexible array became
    // CUT-SAME: shorter and element 2 is in use (policy cut=warn allows it)
    // CHECK-COUNT-4: ok:
    CHECK(same.values[0] == 1 && same.values[2] == 30);
    CHECK(list.n == 2 && list.pairs[0].a == 1 && list.pairs[1].a == 3 && list.pairs[1].b == 40);
#if V == 2
    CHECK(list.pairs[2].a == 9 && list.pairs[2].b == 9);
#endif
    CHECK(second == &list.pairs[1].b);
}
