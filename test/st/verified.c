/* What does not come back as it was when it is transferred back refuses an update that is verified, with
 * the first difference of each place and what to do; without verification the update goes through. */
// RUN: %versions
// RUN: printf 'enum state.IDLE: renamed_from=WAITING\nenum state.READY: renamed_from=WAITING\n' > %t.rules
// RUN: sh -c 'MERGE=1 ST_NEXT=%t.2 ST_RULES=$(cat %t.rules) exec not %t.1' \
// RUN:   | FileCheck %s --check-prefix=MERGED
// RUN: env ST_NEXT=%t.2 SPILL=12 not %t.1 | FileCheck %s --check-prefix=SPILL
// RUN: env ST_NEXT=%t.2 SPILL=4 ST_UNVERIFIED=1 %t.1 | FileCheck %s --check-prefix=UNVERIFIED
// RUN: env ST_NEXT=%t.2 %t.1 | FileCheck %s --check-prefix=GOOD
#if V == 2
#define PREPARE
#endif
#include "harness.h"
#include <st/callback.h>

enum state {
    FREE,
#if V == 1
    IDLE,
    READY,
#else
    WAITING = 5,
#endif
};

struct client {
    long id;
#if V == 1
    char name[8];
#else
    char name[12];
#endif
    int fd;
    struct client *next;
};

enum state states[3];
struct {
    int before : 3;
    enum state mode : 4;
} bits;
static struct client *clients, first;
static long *inside;
#if V == 1
int replaced; /* zero, which is nothing */
#else
struct {
    int value;
} replaced = {4};
#endif

static void setup(void) {
#if V == 1
    states[1] = bits.mode = getenv("MERGE") ? READY : FREE;
#endif
    clients = calloc(2, sizeof(*clients));
    for (int i = 0; i < 2; i++) {
        clients[i].id = first.id = i;
        clients[i].fd = first.fd = 7;
        clients[i].next = first.next = &clients[1 - i];
    }
    inside = &clients[1].id;
}

#if V == 2
static int copy_name(const struct st_element *e, void *ctx) {
    const char *over = getenv("SPILL");
    memset(e->new_value, 'x', 12 + (over ? atoi(over) : 0));
    return 0;
}

static void prepare(void) {
    if (!getenv("MERGE") && st_setcb_selement_transfer(
                                copy_name, ST_CB_TYPE_SELEMENT, "client.name", NULL) != 0)
        abort();
}
#endif

static void check(void) {
    const struct st_stats *s = st_last_stats();

    // MERGED: difference: states[1] ({{.*}}verified.c:37): was 2, comes back as 1: its conversion loses what was there{{$}}
    // MERGED-NEXT: difference: bits.mode ({{.*}}): its 4 bits come back changed: its conversion loses what was there{{$}}
    // MERGED-NEXT: refused: states[1] ({{.*}}verified.c:37): was 2, comes back as 1: its conversion loses what was there; transferred back, 2 values differ: correct the callback or rule that is at work there, or update without --verify to take the new values as they are{{$}}
    // SPILL: difference: {{.*}}:first.fd ({{.*}}): was 7, comes back as {{[0-9]+}}: something but its own conversion wrote to it{{$}}
    // SPILL-NEXT: difference: {{.*}}:first.next ({{.*}}): leads to 0x7878787878787878, but was 0x[[NEXT:[0-9a-f]+]], whose successor is 0x{{[0-9a-f]+}}: something but its own conversion wrote to it{{$}}
    // SPILL-NEXT: difference: struct client[0].fd allocated in setup() ({{.*}}): was 7, comes back as {{[0-9]+}}: something but its own conversion wrote to it{{$}}
    // SPILL-NEXT: difference: struct client[0].next allocated in setup() ({{.*}}): leads to
    // SPILL-NEXT: refused: {{.*}}:first.fd ({{.*}}): was 7, {{.*}}; transferred back, 6 values differ: correct
    // UNVERIFIED: 0 checked, 0 not, 0 differences; fd 2021161080
    // GOOD: 7 checked, 4 not, 0 differences; fd 7
    printf("%d checked, %d not, %d differences; fd %d\n", (int)s->values_checked,
        (int)s->values_unchecked, (int)s->differences, first.fd);
}
