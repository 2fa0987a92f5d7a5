/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzz target: rules up to a zero byte and the bytes of an ELF file after it, compared with the sample
 * image, as old and as new version; all that is said is read.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz_image.h"
#include "image_builder.h"
#include "pair/diff.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct magic_table *sample;
static struct magic_view sample_view;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct image im;
    static struct magic_arena arena;
    struct magic_error err;
    int code;

    (void) argc;
    (void) argv;
    image_init(&im, 4096);
    image_fill_sample(&im);
    sample = image_read(&im, &arena, &sample_view, &code, &err);
    if (code)
        abort();
    return 0;
}

/* Texts are terminated, and every change has what it needs to be shown. */
static void read_all(const struct st__diff *diff)
{
    size_t counted = 0, n = 0;

    for (size_t i = 0; i < diff->n_changes; i++) {
        const struct st__change *c = &diff->changes[i];

        n += strlen(c->entity) + strlen(c->text) + strlen(c->otherwise) + strlen(c->type) +
             strlen(c->o.file) + strlen(c->n.file);
        for (unsigned a = 0; a < c->n_advice; a++)
            n += strlen(c->advice[a].rule) + strlen(c->advice[a].effect);
        if (c->verdict > diff->verdict || !st__event_name(c->event) || !st__what_name(c->what))
            abort();
    }
    for (size_t i = 0; i < diff->n_types; i++)
        n += strlen(diff->types[i].name) + strlen(diff->types[i].holders);
    for (unsigned v = ST__AUTOMATIC; v <= ST__IMPOSSIBLE; v++)
        counted += diff->count[v];
    if (counted != diff->n_changes || n == SIZE_MAX)
        abort();
}

static void compare(const struct magic_table *ot, const struct magic_view *ov,
    const struct magic_table *nt, const struct magic_view *nv, const char *rules, size_t len)
{
    struct magic_arena arena = { 0 };
    struct magic_error err;
    struct st__pairing p = { .ot = ot, .nt = nt, .arena = &arena };
    const struct st__diff *diff;

    if (st__rules_read(rules, len, ot, nt, &arena, &p.rules, &err) == 0 &&
        st__diff(&p, ov, nv, &diff) == 0)
        read_all(diff);
    magic_arena_deinit(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    struct magic_arena arena = { 0 };
    const struct magic_table *table;
    struct magic_view view;
    size_t len;

    if (!end)
        return 0;
    len = (size_t) (end - data);
    table = fuzz_image_read(end + 1, size - len - 1, &arena, &view);
    if (table) {
        compare(sample, &sample_view, table, &view, (const char *) data, len);
        compare(table, &view, sample, &sample_view, (const char *) data, len);
    }
    magic_arena_deinit(&arena);
    return 0;
}
