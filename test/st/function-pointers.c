/* Function pointers in variables and on the heap lead to the new version's functions; one to a
 * function that is gone refuses the update and says where the pointer is. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: %cc -DV=1 -DGONE %s -o %t.1 && %refused | FileCheck --check-prefix=GONE %s
#include "harness.h"

typedef int (*op)(int);
struct task {
    op fn;
    int arg;
};

int twice(int x) {
    return (V == 1 ? 2 : 20) * x;
}
static int hidden(int x) {
    return (V == 1 ? 3 : 30) * x;
}
#if V == 1
static int gone(int x) {
    return x;
}
#endif
static op handler;
static op handlers[2];
static struct task *task;

static void setup(void) {
    handler = twice;
    handlers[1] = hidden;
    task = malloc(sizeof(*task));
    *task = (struct task){hidden, 5};
#if V == 1 && defined GONE
    task->fn = gone;
#endif
}

static void check(void) {
    // GONE: refused: struct task allocated in setup() ({{.*}}function-pointers.c:32): .fn points to function {{.*}}:gone ({{.*}}), which the new version does not have
    // CHECK-COUNT-4: ok:
    CHECK(handler == twice && handler(1) == 20);
    CHECK(handlers[0] == NULL && handlers[1](1) == 30);
    CHECK(task->fn(task->arg) == 150);
    CHECK(hidden(1) == 30);
}
