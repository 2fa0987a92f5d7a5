/* Bit-fields go over bit by bit, into other places, widths and ordinary members. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"

#if V == 1
static struct {
    unsigned a : 3;
    int b : 5;
    unsigned c : 20;
    unsigned char d;
} bits;
#else
static struct {
    unsigned char d : 7;
    int b : 9;
    unsigned a : 4;
    unsigned added : 2;
    unsigned long c;
} bits;
#endif

static void setup(void) {
    bits.a = 5, bits.b = -9, bits.c = 0xabcde, bits.d = 100;
}

static void check(void) {
    // CHECK: ok:
    CHECK(bits.a == 5 && bits.b == -9 && bits.c == 0xabcde && bits.d == 100);
}
