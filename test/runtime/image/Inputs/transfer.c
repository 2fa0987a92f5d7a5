/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The part of a state transfer that the tests of generations need. Compiled into the runtime, since
 * no image may be asked where the functions of its predecessors have gone.
 */
#include "image-test.h"

static uintptr_t successor(const struct state *s, uintptr_t addr)
{
    for (unsigned i = 0; i < s->n_pairs; i++)
        if (s->pairs[i].from == addr)
            return s->pairs[i].to;
    return 0;
}

static int forward(void *ctx, uintptr_t addr, uintptr_t *ret)
{
    *ret = magic__image_of(addr) ? successor(ctx, addr) : addr;
    return *ret ? 0 : MAGIC_EUNPAIRED;
}

static uintptr_t redirect(const void *ctx, const struct magic__image *image, uint64_t entry)
{
    return successor(ctx, image->base + entry);
}

int take_over(void)
{
    struct magic_error err = { 0 };
    int code = magic__image_reinstall(forward, state(), &err);

    if (!code)
        code = magic__image_seal(magic__image_current(), redirect, state(), &err);
    if (code)
        printf("cannot take over: %d %s\n", code, err.text);
    else
        magic_image_commit();
    return !code;
}

void print_log(const char *line)
{
    printf("log: %s\n", line);
    fflush(stdout);
}
