/* With the policy for them, a word that nobody declared as a pointer and that leads to what moved is
 * named: where it is, and where it leads. */
// RUN: %versions
// RUN: env ST_RULES="policy opaque=warn" %update | FileCheck %s --check-prefix=WARN
// RUN: env ST_RULES="policy opaque=refuse" %refused | FileCheck %s --check-prefix=REFUSE
#include "harness.h"

#include <stdint.h>

struct node {
#if V == 2
    long added[32];
#endif
    int value;
};
static struct node *node;
static struct {
    int n;
    uintptr_t to;
} word;
static struct holder {
    long n, to;
} *holder;
static char *plain;

static int version(void) {
    return V;
}

static void setup(void) {
    node = malloc(sizeof(*node));
    node->value = 1;
    word.to = (uintptr_t)node;
    holder = malloc(sizeof(*holder));
    *holder = (struct holder){0, (long)version};
    plain = malloc(sizeof(void *));
    memcpy(plain, &(void *){&word}, sizeof(void *));
}

static void check(void) {
    // WARN-DAG: warning: {{.*}}:word ({{.*}}judged.c:[[#@LINE-21]]): .to is not declared as a pointer, but leads to heap object struct node+0
    // WARN-DAG: warning: struct holder allocated in setup() ({{.*}}judged.c:{{[0-9]+}}): .to is not declared as a pointer, but leads to function {{.*}}:version ({{.*}}judged.c:[[#@LINE-16]])
    // WARN-DAG: warning: memory at 0x{{[1-9a-f][0-9a-f]+}}: is not declared as a pointer, but leads to variable {{.*}}:word+0 ({{.*}}judged.c:[[#@LINE-23]])
    // WARN: ok:
    // REFUSE: refused: {{.*}}: {{(\.to )?}}is not declared as a pointer, but leads to
    // REFUSE-SAME: (policy opaque=warn allows it)
    CHECK(((int (*)(void))holder->to)() == 2);
}
