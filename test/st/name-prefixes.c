/* The historic name prefixes steer the transfer, on variables and on typedef names; so do attributes. */
// RUN: %versions
// RUN: %update | FileCheck %s
#include "harness.h"
#include <sef/attributes.h>
#include <stdint.h>

static int other = 2;
static int noxfer_cache = V;
static int plain_cache SEF_NOXFER = V;
typedef int noxfer_int;
struct state {
#if V == 2
    char pad;
#endif
    noxfer_int skipped;
    int skipped_too SEF_NOXFER;
    int kept;
};
static struct state state = {V, V, V};
#if V == 1
static struct { int x, y; } ixfer_raw = {1, 2};
union cixfer_u { int i; char *s; };
#else
static struct { short a, b; int y; } ixfer_raw;
union cixfer_u { long i; char *s; };
#endif
static union cixfer_u converted;
static uintptr_t pxfer_address;
static struct node { struct node *next; int n; } *nodes SEF_IXFER;

static void setup(void) {
    state.skipped = state.skipped_too = state.kept = 9;
    noxfer_cache = plain_cache = 9;
    pxfer_address = (uintptr_t)&other;
    converted.i = 5;
#if V == 1
    ixfer_raw.x = 0x20001;
#endif
}

static void check(void) {
    // CHECK-COUNT-6: ok:
    CHECK(noxfer_cache == 2 && plain_cache == 2);
    CHECK(state.skipped == 2 && state.skipped_too == 2 && state.kept == 9);
#if V == 2
    CHECK(ixfer_raw.a == 1 && ixfer_raw.b == 2 && ixfer_raw.y == 2);
    CHECK(converted.i == 5);
#endif
    CHECK(pxfer_address == (uintptr_t)&other);
    CHECK(nodes == NULL);
}
