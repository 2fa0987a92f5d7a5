/* A type that only a typedef names is renamed by a rule: its heap objects are converted. */
// RUN: %versions
// RUN: env ST_RULES="type conn_t: renamed_from=client_t" ST_NEXT=%t.2 %t.1 | FileCheck %s
#include "harness.h"

#if V == 1
typedef struct {
    int fd;
} client_t;
static client_t *list;
#else
typedef struct {
    long age;
    int fd;
} conn_t;
static conn_t *list;
#endif

static void setup(void) {
#if V == 1
    client_t *first = calloc(1, sizeof(*first));
    first->fd = 7;
    list = first;
#endif
}

static void check(void) {
    // CHECK: ok: list->fd == 7
    CHECK(list->fd == 7);
}
