/* A union that gained members, or whose unused members went, needs no rule: its bytes stay right. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

union value {
    int number;
    char *text;
#if V == 2
    char bytes[24];
#endif
};
union plain {
    int i;
    unsigned u;
#if V == 1
    float f;
#endif
};
static union value values[2];
static union plain plain;
static int after = 9;

static void setup(void) {
    values[0].number = 42;
    values[1].text = strdup("text");
    plain.u = 0xdeadbeef;
    after = 10;
}

static void check(void) {
    // CHECK-COUNT-4: ok:
    CHECK(values[0].number == 42);
    CHECK(strcmp(values[1].text, "text") == 0);
    CHECK(plain.u == 0xdeadbeef);
    CHECK(after == 10);
}
