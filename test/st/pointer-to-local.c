/* A pointer to a local variable of main, whose frame is gone, refuses the update, from a variable
 * and from the heap. */
// RUN: %versions
// RUN: %refused | FileCheck --check-prefix=VAR %s
// RUN: %cc -DV=1 -DHEAP %s -o %t.1 && %refused | FileCheck --check-prefix=HEAP %s
#include "harness.h"

struct server {
    int port;
};
struct conn {
    struct server *server;
};
static struct server *server;
static struct conn *conn;

static void setup(void) {
    struct server local = {80};

    conn = malloc(sizeof(*conn));
    conn->server = &local;
#ifndef HEAP
    server = &local;
    conn->server = NULL;
#endif
    harness_next();
}

static void check(void) {
    // VAR: refused: {{.*}}:server ({{.*}}pointer-to-local.c:14): points to a local variable of main or of a function it had called, which cannot be followed: the attribute noxfer gives the pointer up
    // HEAP: refused: struct conn allocated in setup() ({{.*}}pointer-to-local.c:20): .server points to a local variable of main or of a function it had called, which cannot be followed: the attribute noxfer gives the pointer up
    printf("%d\n", server->port + conn->server->port);
}
