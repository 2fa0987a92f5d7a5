/* A pointer to a thread-local variable that was removed, or to its end, refuses the update, and the
 * message names it. */
// RUN: %versions
// RUN: %refused | FileCheck %s
// RUN: %cc -DV=1 -DEND=1 %s -o %t.1 && %refused | FileCheck --check-prefix=END %s
#include "harness.h"

#ifndef END
#define END 0
#endif

#if V == 1
_Thread_local int gone = 1;
#endif
int *pointer;

static void setup(void) {
#if V == 1
    pointer = &gone + END;
#endif
}

// CHECK: refused: pointer {{.*}}points to variable gone+0 ({{.*}}removed-thread-local.c:13)
// END: refused: pointer {{.*}}points to variable gone+4 ({{.*}}removed-thread-local.c:13)
static void check(void) {
}
