/* All scalar types keep their value; a wider type or another number type takes it over. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include <stdbool.h>
#include "harness.h"

static char c;
static unsigned char uc;
static short s;
static long l;
static float f;
static double d;
static long double ld;
static bool b;
#if V == 1
static int i;
static unsigned u;
static float grows;
static int becomes_real;
#else
static long i;
static unsigned long u;
static double grows;
static double becomes_real;
#endif
int external;

static void setup(void) {
    c = -3, uc = 200, s = -30000, l = 1L << 40, f = 0.5f, d = 0.1, ld = 1.25L, b = true;
    i = -7, u = 4000000000u, grows = 0.25f, becomes_real = -12, external = 99;
}

static void check(void) {
    // CHECK-COUNT-13: ok:
    // CHECK-NOT: FAILED
    CHECK(c == -3);
    CHECK(uc == 200);
    CHECK(s == -30000);
    CHECK(l == 1L << 40);
    CHECK(f == 0.5f);
    CHECK(d == 0.1);
    CHECK(ld == 1.25L);
    CHECK(b);
    CHECK(i == -7);
    CHECK(u == 4000000000u);
    CHECK(grows == 0.25);
    CHECK(becomes_real == -12.0);
    CHECK(external == 99);
}
