/* Arrays pair by index: a grown one keeps its new tail, a shrunk one may lose zeros only. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: %cc -DV=1 -DUSED %s -o %t.1 && %refused | FileCheck --check-prefix=USED %s
#include "harness.h"

#if V == 1
int grows[3];
int shrinks[6];
int matrix[2][2];
#else
int grows[5] = {0, 0, 0, 40, 50};
int shrinks[3];
int matrix[3][3] = {{0}, {0}, {7, 8, 9}};
#endif

static void setup(void) {
    for (int i = 0; i < 3; i++)
        grows[i] = shrinks[i] = i + 1;
    for (int i = 0; i < 4; i++)
        matrix[i / 2][i % 2] = i + 1;
#ifdef USED
    shrinks[4] = 1;
#endif
}

static void check(void) {
#if V == 2
    // USED: refused: shrinks[4] ({{.*}}): the array became shorter and this element is in use (policy cut=warn
    // USED-SAME: allows it)
    // CHECK-COUNT-3: ok:
    CHECK(grows[0] == 1 && grows[2] == 3 && grows[3] == 40 && grows[4] == 50);
    CHECK(shrinks[0] == 1 && shrinks[2] == 3);
    CHECK(matrix[0][1] == 2 && matrix[1][0] == 3 && matrix[0][2] == 0 && matrix[2][2] == 9);
#endif
}
