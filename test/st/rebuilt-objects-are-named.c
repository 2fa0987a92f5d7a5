/* A message about a pointer in an object that was rebuilt names the place that allocated the object. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#include "harness.h"

struct holder {
#if V == 2
    long added;
#endif
    int *target;
};

#if V == 1
int gone;
#endif
struct holder *holder;

static void setup(void) {
    holder = malloc(sizeof(*holder));
#if V == 1
    holder->target = &gone;
#endif
}

// CHECK: refused: struct holder allocated in setup() ({{.*}}rebuilt-objects-are-named.c:19){{.*}}target points to variable gone
static void check(void) {
}
