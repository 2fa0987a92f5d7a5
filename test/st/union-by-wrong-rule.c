/* A rule for a union that does not fit, or does not tell of a value in use, refuses the update: the
 * union, the rule or the member that tells, and which part of it is wrong. */
// RUN: %versions
// RUN: env ST_RULES="struct value.u: union_by=kind: 1=number, 2=text" %refused | FileCheck %s --check-prefix=TAG
// RUN: env ST_RULES="struct value.u: union_by=tag: NUMBER=number, TEXT=text" %refused | FileCheck %s --check-prefix=NAME
// RUN: env ST_RULES="struct value.u: union_by=tag: 1=number" %refused | FileCheck %s --check-prefix=VALUE
#include "harness.h"

struct value {
    int tag;
    union {
        char *text;
#if V == 1
        int number;
#else
        long number;
#endif
    } u;
};
static struct value value;

static void setup(void) {
    value.tag = 2;
    value.u.text = getenv("PATH");
}

static void check(void) {
    // TAG: refused: {{.*}}:value.u ({{.*}}union-by-wrong-rule.c:20): union_by=kind: 1=number, 2=text:
    // TAG-SAME: the structure has no such member in both versions: kind
    // NAME: refused: {{.*}}:value.u ({{.*}}): union_by=tag: NUMBER=number, TEXT=text:
    // NAME-SAME: not a number, an enumerator or *: NUMBER=number
    // VALUE: refused: {{.*}}:value.u ({{.*}}union-by-wrong-rule.c:20): tag has the value 2, for which
    // VALUE-SAME: union_by names no member
    CHECK(!"nothing was refused");
}
