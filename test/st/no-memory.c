/* Without memory a transfer is refused, and the message tells what it was needed for. */
// RUN: %versions
// RUN: env WHEN=first %refused | FileCheck %s --check-prefix=FIRST
// RUN: env WHEN=objects %refused | FileCheck %s --check-prefix=OBJECTS
// RUN: env WHEN=variables %refused | FileCheck %s --check-prefix=VARIABLES
#define PREPARE
#include "harness.h"

#include <st/callback.h>
#include <sys/resource.h>

struct changed {
    int *p;
#if V == 2
    long added;
#endif
};
static int number;
static struct changed *object, variable;

static int take_memory(const struct st_element *e, void *ctx) {
    struct rlimit none = {0, 0};

    (void)e, (void)ctx;
    return setrlimit(RLIMIT_AS, &none);
}

static void prepare(void) {
    const char *when = getenv("WHEN");

    if (strcmp(when, "first") == 0)
        take_memory(NULL, NULL);
    else if (st_setcb_selement_transfer(take_memory, ST_CB_TYPE_TYPENAME, "changed", NULL) != 0)
        abort();
}

static void setup(void) {
    variable.p = &number;
    if (strcmp(getenv("WHEN"), "objects") == 0) {
        object = malloc(sizeof(*object));
        object->p = &number;
    }
}

static void check(void) {
    // FIRST: refused: out of memory for the state table
    // OBJECTS: refused: out of memory while objects were rebuilt
    // VARIABLES: refused: out of memory while {{pointers were followed|the old version was sealed}}
    CHECK(!"nothing was refused");
}
