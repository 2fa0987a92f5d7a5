/* Integers of up to 128 bits, reals and complex numbers become one another where the value is kept. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"
#include <stdbool.h>

#if V == 1
typedef long wide;
typedef float real;
typedef double longer;
typedef _Complex float complex;
typedef int flag;
typedef int four __attribute__((vector_size(16)));
#else
typedef __int128 wide;
typedef long double real;
typedef float longer;
typedef _Complex double complex;
typedef bool flag;
typedef long four __attribute__((vector_size(32)));
#endif
static wide w;
static real r;
static longer l;
static complex c;
static flag f;
static four v;
static _Atomic flag a;
static struct { char pad; wide w; complex c; real r; } s;

static void setup(void) {
    w = -5, r = 0.25f, l = 0.5, c = 1 + 2i, f = 1, a = 1;
    v = (four){1, -2, 3, -4};
    s.w = 6, s.c = 3 - 4i, s.r = 2.5f;
}

static void check(void) {
    // CHECK-COUNT-6: ok:
    CHECK(w == -5 && a == 1);
    CHECK(r == 0.25f);
    CHECK(l == 0.5);
    CHECK(c == 1 + 2i && f);
    CHECK(v[0] == 1 && v[1] == -2 && v[2] == 3 && v[3] == -4);
    CHECK(s.w == 6 && s.c == 3 - 4i && s.r == 2.5f);
}
