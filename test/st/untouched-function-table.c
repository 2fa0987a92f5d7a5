/* A writable table of functions nobody wrote to follows the new version's initialiser; one that
 * was written to is state and keeps its rows. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

static int get(void) {
    return V;
}
#if V == 2
static int touch(void) {
    return 22;
}
static int better_put(void) {
    return 222;
}
#endif
static int put(void) {
    return 10 * V;
}

struct row {
    const char *name;
    int (*fn)(void);
    int calls;
};
#if V == 1
static struct row table[] = {{"get", get, 0}, {"put", put, 0}};
#else
static struct row table[] = {{"get", get, 0}, {"touch", touch, 0}, {"put", better_put, 0}};
#endif
static struct row counted[] = {{"get", get, 0}, {"put", put, 0}};

static void setup(void) {
    counted[1].calls = 4;
    printf("%d %d\n", table[0].fn(), counted[0].fn());
}

static void check(void) {
#if V == 2
    // CHECK-COUNT-4: ok:
    CHECK(strcmp(table[1].name, "touch") == 0 && table[1].fn() == 22);
    CHECK(strcmp(table[2].name, "put") == 0 && table[2].fn() == 222);
    CHECK(counted[1].calls == 4 && counted[1].fn() == 20);
    CHECK(put() == 20);
#endif
}
