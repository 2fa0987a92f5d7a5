/* A process that cannot open its own list of mappings is not updated, and the message says why. */
// RUN: %versions
// RUN: %refused | FileCheck %s
#define PREPARE
#include "harness.h"

#include <sys/resource.h>

static void prepare(void) {
    struct rlimit none = {3, 3};

    setrlimit(RLIMIT_NOFILE, &none);
}

static void setup(void) {
}

static void check(void) {
    // CHECK: refused: the list of mappings cannot be read: Too many open files
    CHECK(!"nothing was refused");
}
