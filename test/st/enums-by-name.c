/* Enumerators pair by name, whatever their numbers; a value whose name is gone is refused. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: %cc -DV=1 -DGONE %s -o %t.1 && %refused | FileCheck --check-prefix=GONE %s
#include "harness.h"

#if V == 1
enum state { IDLE, OLD, BUSY, CLOSED };
#else
enum state { IDLE, WAITING, BUSY = 10, CLOSED };
#endif
static enum state a, b, list[3];

static void setup(void) {
    a = IDLE, b = CLOSED, list[1] = BUSY;
#if V == 1 && defined GONE
    a = OLD;
#endif
}

static void check(void) {
    // GONE: refused: {{.*}}:a ({{.*}}): enumerator OLD no longer exists: rename its successor
    // GONE-SAME: with renamed_from=OLD (policy enumerator=warn allows it)
    // CHECK-COUNT-3: ok:
    CHECK(a == IDLE);
    CHECK(b == CLOSED);
    CHECK(list[0] == IDLE && list[1] == BUSY);
}
