/* Two successors of one variable, or two old variables of one new one, are an error that names all
 * three and says what to do. */
// RUN: %versions
// RUN: %refused | FileCheck %s --check-prefix=SPLIT
// RUN: env ST_NEXT=%t.1 not %t.2 | FileCheck %s --check-prefix=JOIN
#include "harness.h"
#include <sef/attributes.h>

#if V == 1
int hits = 1;
#else
int one SEF_RENAMED_FROM("hits") = 1;
int two SEF_RENAMED_FROM("hits") = 1;
#endif

static void setup(void) {
}

static void check(void) {
    // SPLIT: refused: hits ({{.*}}renamed-twice.c:10): could be continued by one
    // SPLIT-SAME: ({{.*}}renamed-twice.c:12) or by two ({{.*}}renamed-twice.c:13): say which one with
    // SPLIT-SAME: renamed_from=hits
    // JOIN: refused: hits ({{.*}}renamed-twice.c:10): could continue one
    // JOIN-SAME: ({{.*}}renamed-twice.c:12) or two ({{.*}}renamed-twice.c:13): say which one with
    // JOIN-SAME: renamed_from=
    CHECK(!"nothing was refused");
}
