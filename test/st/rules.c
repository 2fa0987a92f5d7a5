/* Rules given with the update do what attributes in the source do, and policies allow or forbid. */
// RUN: %versions
// RUN: env ST_RULES="var n_requests: renamed_from=hits" ST_NEXT=%t.2 %t.1 | FileCheck %s
// RUN: env ST_RULES="policy removed=refuse" ST_NEXT=%t.2 not %t.1 | FileCheck %s --check-prefix=REMOVED
// RUN: env ST_RULES="policy lost=warn" ST_NEXT=%t.2 LOSE=1 %t.1 | FileCheck %s --check-prefix=LOST
// RUN: env ST_RULES="policy nonsense=warn" ST_NEXT=%t.2 not %t.1 | FileCheck %s --check-prefix=BAD
// RUN: env ST_NEXT=%t.2 not env LOSE=1 %t.1 | FileCheck %s --check-prefix=REFUSED
#include "harness.h"

#if V == 1
static int hits;
static int number;
#else
static int n_requests;
static signed char number;
#endif

static void setup(void) {
#if V == 1
    hits = 3;
    number = getenv("LOSE") ? 300 : 30;
#endif
}

static void check(void) {
    // CHECK: n_requests = 3, number = 30
    // REMOVED: refused: {{.*}}:hits ({{.*}}rules.c:11): dropped: the variable no longer exists
    // REMOVED-SAME: ; if one continues it, say there renamed_from={{.*}}:hits (policy removed=warn allows it)
    // LOST: warning: {{.*}}:number ({{.*}}): value 300 does not fit the new type signed char
    // LOST: n_requests = 0, number = 44
    // BAD: refused: line 1 of the rules: there is no such policy: 'nonsense'
    // REFUSED: refused: {{.*}}:number ({{.*}}rules.c:12): value 300 does not fit the new type signed
    // REFUSED-SAME: char (policy lost=warn allows it)
#if V == 2
    printf("n_requests = %d, number = %d\n", n_requests, number);
#endif
}
