/* A removed variable or member that a rule gives up is dropped without a warning, even where warnings
 * refuse the update. */
// RUN: %versions
// RUN: env ST_NEXT=%t.2 ST_RULES="policy removed=refuse" not %t.1 | FileCheck %s --check-prefix=REFUSED
// RUN: printf 'policy removed=refuse\nvar gone: noxfer\nstruct s.gone: noxfer\n' > %t.rules
// RUN: sh -c 'ST_NEXT=%t.2 ST_RULES=$(cat %t.rules) exec %t.1' | FileCheck %s
#include "harness.h"

struct s {
    int kept;
#if V == 1
    int gone;
#endif
};
static struct s s;
#if V == 1
int gone;
#endif

static void setup(void) {
#if V == 1
    gone = s.gone = 4;
#endif
    s.kept = 3;
}

static void check(void) {
    // REFUSED: refused: {{.*}}gone ({{.*}}given-up.c:{{.*}}dropped: the {{variable|member}} no longer exists
    // CHECK-NOT: dropped
    // CHECK: ok: s.kept == 3
    CHECK(s.kept == 3);
}
