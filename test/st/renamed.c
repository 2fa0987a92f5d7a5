/* What the source says was renamed goes on under its new name: variables, members, types, functions;
 * a name that is taken again means something new. */
// RUN: %versions
// RUN: %update | FileCheck %s
// RUN: cp %t.1 %t.3 && cp %t.2 %t.4 && env ST_NEXT=%t.2:%t.3:%t.4 %t.1 | FileCheck %s
#include "harness.h"
#include <sef/attributes.h>

#if V == 1
struct client {
    int sock;
    struct client *next;
};
static struct client *clients;
static int hits;
static int handle(int i) {
    return i + 1;
}
static int (*handler)(int) = NULL;
#define CONN client
#define FD sock
#define CONNS clients
#define HITS hits
#define HANDLE handle
#else
struct SEF_RENAMED_FROM("client") conn {
    long extra;
    int fd SEF_RENAMED_FROM("sock");
    struct conn *next;
};
static struct conn *conns SEF_RENAMED_FROM("clients");
static int n_requests SEF_RENAMED_FROM("hits");
static int hits = 5; /* another one */
SEF_RENAMED_FROM("handle") static int on_read(int i) {
    return i + 10 + hits - hits;
}
static int (*handler)(int) = NULL;
#define CONN conn
#define FD fd
#define CONNS conns
#define HITS n_requests
#define HANDLE on_read
#endif

static void setup(void) {
    CONNS = calloc(1, sizeof(*CONNS));
    CONNS->FD = 7;
    CONNS->next = CONNS;
    HITS = 3;
    handler = HANDLE;
}

static void check(void) {
    // CHECK-NOT: FAILED
    CHECK(CONNS->FD == 7 && CONNS->next == CONNS);
    CHECK(HITS == 3);
    CHECK(handler == HANDLE);
    // CHECK: version 2 is right
    printf("version %d is right\n", V);
}
