/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the tests of generations share. One C file is built as several images, told apart by GEN
 * (0, 1 ...), and each goes to the next by itself. The state that a transfer would carry over is a
 * heap object whose address the environment holds; it pairs entities of successive generations by
 * number.
 */
#ifndef IMAGE_TEST_H
#define IMAGE_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image/image.h"

enum { MAX_ENTITIES = 8 };

struct state {
    struct {
        uintptr_t from, to;
    } pairs[64 * MAX_ENTITIES]; /* of all updates so far */
    unsigned n_pairs;
    uintptr_t entity[MAX_ENTITIES]; /* addresses in the generation that registered last */
    void *pointer[MAX_ENTITIES];    /* the test's own, not forwarded */
};

static inline struct state *state(void)
{
    char text[32];
    struct state *state;

    if (getenv("TEST_STATE"))
        return (struct state *) strtoul(getenv("TEST_STATE"), NULL, 0);
    state = calloc(1, sizeof(*state));
    snprintf(text, sizeof(text), "%p", (void *) state);
    setenv("TEST_STATE", text, 1);
    return state;
}

/* This generation's entity number `i` continues the previous generation's. */
static inline void entity(unsigned i, const void *addr)
{
    struct state *s = state();

    if (s->entity[i]) {
        s->pairs[s->n_pairs].from = s->entity[i];
        s->pairs[s->n_pairs++].to = (uintptr_t) addr;
    }
    s->entity[i] = (uintptr_t) addr;
}

/* What a state transfer does at its end, and the commit. Returns 0 if something has no successor. */
int take_over(void);

/* A log hook. */
void print_log(const char *line);

/* Load and enter the image at `path`; returns only if it cannot be loaded. */
static inline void go(const char *path)
{
    struct magic_error err = { 0 };
    int code = magic_image_load(path, &err);

    if (!code)
        magic_image_enter();
    printf("cannot load: %d %s\n", code, err.text);
}

#endif
