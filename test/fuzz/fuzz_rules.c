/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzz target: rules over the sample image and a changed one, then pairing and plans made by them.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image_builder.h"
#include "pair/pair.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct magic_table *tables[2];

/* The new version's `struct entry` has other names and a larger union. */
static void change(struct image *im)
{
    static const char *const renames[][2] = { { "hits", "seen" }, { "head", "list" },
        { "GREEN", "OLIVE" } };
    char *strings = image_at(im, IMAGE_STRINGS * im->unit);

    for (size_t at = 0; at < im->used[IMAGE_STRINGS]; at += strlen(strings + at) + 1)
        for (size_t i = 0; i < sizeof(renames) / sizeof(renames[0]); i++)
            if (strcmp(strings + at, renames[i][0]) == 0)
                memcpy(strings + at, renames[i][1], strlen(renames[i][0]));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static struct image im[2];
    static struct magic_view view[2];
    static struct magic_arena arena;

    (void) argc;
    (void) argv;
    for (unsigned i = 0; i < 2; i++) {
        struct magic_error err;
        int code;

        image_init(&im[i], 4096);
        image_fill_sample(&im[i]);
        if (i)
            change(&im[i]);
        tables[i] = image_read(&im[i], &arena, &view[i], &code, &err);
        if (code)
            abort();
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct magic_arena arena = { 0 };
    struct st_error error;
    struct magic_error err;
    struct st__pairing p = { .ot = tables[0], .nt = tables[1], .arena = &arena, .error = &error };

    if (st__rules_read((const char *) data, size, p.ot, p.nt, &arena, &p.rules, &err) == 0 &&
        st__pair(&p) == 0)
        for (size_t i = 0; i < p.ot->n_vars; i++) {
            const struct magic_var *o = &p.ot->vars[i], *n = p.var_pair[i];
            const struct st__plan *plan = n ? st__plan_var(&p, o, n) : NULL;
            uint64_t to;

            if (n && !plan)
                abort();
            for (uint64_t off = 0; plan && off <= o->type->size; off++)
                if (st__plan_offset(plan, off, NULL, &to) == 0 && to > n->type->size + off)
                    abort();
        }
    magic_arena_deinit(&arena);
    return 0;
}
