/* What the policies about pointers decided is counted, also where they say nothing of it: pointers to
 * what was removed, to memory of unknown type, words that nobody declared, epoll data. */
// RUN: %versions
// RUN: printf 'policy dangling=ignore\npolicy unknown=ignore\n' > %t.ignore
// RUN: printf 'policy dangling=warn\npolicy unknown=warn\npolicy opaque=warn\n' > %t.warn
// RUN: printf 'policy dangling=ignore\npolicy unknown=ignore\npolicy opaque=refuse\n' > %t.refuse
// RUN: sh -c 'ST_NEXT=%t.2 ST_RULES=$(cat %t.ignore) exec %t.1' | FileCheck %s --check-prefix=COUNT
// RUN: sh -c 'ST_NEXT=%t.2 ST_RULES=$(cat %t.warn) exec %t.1' | FileCheck %s --check-prefixes=WARN,COUNT
// RUN: sh -c 'EPOLL=1 ST_NEXT=%t.2 ST_RULES=$(cat %t.refuse) exec not %t.1' \
// RUN:   | FileCheck %s --check-prefix=EPOLL
#include <stdint.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "harness.h"

struct item {
#if V == 2
    long added[4];
#endif
    long value, other;
};
struct item *item, *strange;
int *gone_pointers[2];
uintptr_t numbers[3];
void *blob;
#if V == 1
static int gone[2];
#endif

static void setup(void) {
#if V == 1
    struct epoll_event event = {.events = EPOLLIN};
    int ep = epoll_create1(0), ends[2];

    if (ep < 0 || pipe(ends) != 0)
        exit(1);
    event.data.ptr = item = malloc(sizeof(*item));
    epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], &event);
    if (getenv("EPOLL"))
        return;
    gone_pointers[0] = &gone[0];
    gone_pointers[1] = &gone[1];
    numbers[0] = numbers[1] = numbers[2] = (uintptr_t)item;
    blob = malloc(4096);
    memset(blob, 0, 4096);
    strange = (struct item *)((char *)blob + 64);
#endif
}

static uint64_t count(const char *name) {
    const struct st_policy *p;
    size_t n = st_last_policies(&p);

    for (; n; n--, p++)
        if (strcmp(p->name, name) == 0)
            return p->count;
    return 0;
}

static void check(void) {
    // WARN-DAG: warning: gone_pointers ({{.*}}): [0] points to variable {{.*}}:gone+0
    // WARN-DAG: warning: numbers ({{.*}}): [0] is not declared as a pointer, but leads to heap object struct item+0
    // WARN-DAG: warning: strange ({{.*}}): points to memory of unknown type
    // WARN-DAG: warning: memory at {{.*}}: as the data of descriptor {{[0-9]+}} in epoll set {{[0-9]+}} is not declared as a pointer, but leads to heap object struct item+0
    // EPOLL: refused: memory at {{.*}}: as the data of descriptor {{.*}} leads to heap object struct item+0 (policy opaque=warn allows it)
    // COUNT: dangling 2, unknown 1, opaque 4 of 4
    printf("dangling %d, unknown %d, opaque %d of %d\n", (int)count("dangling"),
        (int)count("unknown"), (int)count("opaque"), (int)st_last_stats()->ptrs_conservative);
}
