/* A pointer to a thread-local variable that was removed refuses the update, and the message names it. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

#if V == 1
_Thread_local int gone = 1;
#endif
int *pointer;

static void setup(void) {
#if V == 1
    pointer = &gone;
#endif
}

// CHECK: refused: pointer {{.*}}points to variable gone+0 ({{.*}}removed-thread-local.c:7)
static void check(void) {
}
