/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding equal types of several translation units.
 *
 * The linker already merges records that are equal down to the last type they reach. What remains
 * are types that one unit knows less about: `struct conn` with a pointer to an incomplete type in
 * one unit is the same as with the complete one in another. So an incomplete type stands for its
 * definition, where all definitions of its name agree, and types are equal when no path of
 * references tells them apart (partition refinement by hash: a type's color takes in the colors of
 * its neighbours until no class splits any more). Only types that look alike at first are refined.
 *
 * A hash collision merges two types of the same shape wrongly; that cannot do harm beyond a wrong
 * name, because all checks of sizes come after merging.
 */
#include <string.h>

#include "table/reader.h"

/* Real type graphs are stable after a few rounds. Beyond this, nothing is merged at all. */
#define MAX_ROUNDS 64

/* Flags that tell types apart; the others follow from the members. */
#define SHAPE_FLAGS                                                                 \
    (MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL | MAGIC_TYPE_CHAR | MAGIC_TYPE_COMPLEX | \
        MAGIC_TYPE_INCOMPLETE | MAGIC_TYPE_VARIADIC | MAGIC_TYPE_ATOMIC | MAGIC_TYPE_VECTOR)

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (((hash << 5) | (hash >> 59)) ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static uint64_t mix_string(uint64_t hash, const char *text)
{
    uint64_t sum = 0xcbf29ce484222325u;

    for (; *text; text++)
        sum = (sum ^ (unsigned char) *text) * 0x100000001b3u;
    return mix(hash, sum);
}

static int is_tagged(const struct magic__raw_type *raw)
{
    return raw->rec.kind == MAGIC_KIND_STRUCT || raw->rec.kind == MAGIC_KIND_UNION ||
           raw->rec.kind == MAGIC_KIND_ENUM;
}

/* An anonymous type is known by the typedef that names it; by the first name of several. */
static void find_aliases(struct magic__reader *rd)
{
    size_t i;

    for (i = 0; i < rd->n_raw; i++) {
        const struct magic__raw_type *raw = &rd->raw[i];
        struct magic__raw_type *target;

        if (raw->rec.kind != MAGIC_KIND_TYPEDEF || raw->target == MAGIC__NONE)
            continue;
        target = &rd->raw[raw->target];
        if (is_tagged(target) && !*target->name &&
            (!*target->alias || strcmp(raw->name, target->alias) < 0))
            target->alias = raw->name;
    }
}

/* What is known of a referenced type whether it is complete or not. */
static uint64_t mix_neighbour(const struct magic__reader *rd, uint64_t hash, uint32_t raw)
{
    if (raw == MAGIC__NONE)
        return mix(hash, MAGIC__NONE);
    return mix_string(mix(hash, rd->raw[raw].rec.kind), rd->raw[raw].name);
}

static uint64_t shape_of(const struct magic__reader *rd, const struct magic__raw_type *raw)
{
    uint64_t hash = mix(mix(0, raw->rec.kind), raw->rec.flags & SHAPE_FLAGS);
    uint32_t i;

    if (raw->rec.kind != MAGIC_KIND_TYPEDEF && raw->rec.kind != MAGIC_KIND_ARRAY)
        hash = mix(hash, raw->rec.size);
    hash = mix(mix(hash, raw->rec.nelems), raw->rec.count);
    hash = mix_string(mix_string(hash, raw->name), raw->alias);
    hash = mix_string(hash, raw->attrs);
    hash = mix_neighbour(rd, hash, raw->target);
    for (i = 0; i < raw->rec.count; i++) {
        const struct magic__raw_entry *entry = &rd->entries[raw->first_entry + i];

        hash = mix(mix(mix_string(hash, entry->name), entry->value), entry->bit_size);
        hash = entry->attrs ? mix_string(hash, entry->attrs) : hash;
        hash = mix_neighbour(rd, hash, entry->type);
    }
    return hash;
}

static int cmp_shape(const void *ctx, uint32_t a, uint32_t b)
{
    const struct magic__raw_type *raw = ctx;

    return (raw[a].shape > raw[b].shape) - (raw[a].shape < raw[b].shape);
}

static int cmp_color(const void *ctx, uint32_t a, uint32_t b)
{
    const struct magic__raw_type *raw = ctx;

    return (raw[a].color > raw[b].color) - (raw[a].color < raw[b].color);
}

/* Tagged types by kind and name, definitions before declarations; all others behind them. */
static int cmp_tag(const void *ctx, uint32_t a, uint32_t b)
{
    const struct magic__raw_type *x = (const struct magic__raw_type *) ctx + a;
    const struct magic__raw_type *y = (const struct magic__raw_type *) ctx + b;
    int x_last = !is_tagged(x) || !*x->name, y_last = !is_tagged(y) || !*y->name;
    int order;

    if (x_last || y_last)
        return x_last - y_last;
    if (x->rec.kind != y->rec.kind)
        return x->rec.kind < y->rec.kind ? -1 : 1;
    order = strcmp(x->name, y->name);
    if (order)
        return order;
    return !!(x->rec.flags & MAGIC_TYPE_INCOMPLETE) - !!(y->rec.flags & MAGIC_TYPE_INCOMPLETE);
}

/* Do two tagged types have the same kind and name? */
static int same_tag(const struct magic__raw_type *x, const struct magic__raw_type *y)
{
    return x->rec.kind == y->rec.kind && strcmp(x->name, y->name) == 0;
}

/* Let each incomplete type stand for its definition if all definitions have one color. Returns the
 * number of names whose definitions disagree although a declaration stood for one of them. */
static size_t bind_incomplete(struct magic__reader *rd, const uint32_t *tags)
{
    size_t i = 0, disagree = 0;

    while (i < rd->n_raw) {
        const struct magic__raw_type *first = &rd->raw[tags[i]];
        size_t j;
        int agree = !(first->rec.flags & MAGIC_TYPE_INCOMPLETE), bound = 0;

        if (!is_tagged(first) || !*first->name)
            break;
        for (j = i; j < rd->n_raw; j++) {
            struct magic__raw_type *raw = &rd->raw[tags[j]];

            if (!is_tagged(raw) || !same_tag(first, raw))
                break;
            if (!(raw->rec.flags & MAGIC_TYPE_INCOMPLETE)) {
                agree = agree && raw->color == first->color;
            } else {
                bound |= raw->same_as != tags[j];
                raw->same_as = agree ? tags[i] : tags[j];
            }
        }
        disagree += bound && !agree;
        i = j;
    }
    return disagree;
}

static uint64_t neighbour_color(const struct magic__reader *rd, uint32_t raw)
{
    return raw == MAGIC__NONE ? 0 : rd->raw[rd->raw[raw].same_as].color;
}

/* One round over the types in ids; their next colors to `next`. */
static void refine_round(
    const struct magic__reader *rd, const uint32_t *ids, size_t n, uint64_t *next)
{
    size_t k;
    uint32_t i;

    for (k = 0; k < n; k++) {
        const struct magic__raw_type *raw = &rd->raw[ids[k]];
        uint64_t hash = mix(raw->color, neighbour_color(rd, raw->target));

        for (i = 0; i < raw->rec.count; i++)
            hash = mix(hash, neighbour_color(rd, rd->entries[raw->first_entry + i].type));
        next[k] = hash;
    }
}

static size_t count_colors(const struct magic__reader *rd, uint32_t *ids, uint32_t *tmp, size_t n)
{
    size_t i, count = n > 0;

    magic__sort_ids(ids, tmp, n, cmp_color, rd->raw);
    for (i = 1; i < n; i++)
        count += rd->raw[ids[i]].color != rd->raw[ids[i - 1]].color;
    return count;
}

/* Refine until no class splits; ids: the types that share their shape with another. */
static void refine(struct magic__reader *rd, uint32_t *ids, uint32_t *tmp, uint64_t *next, size_t n)
{
    size_t i, round, colors = 0, before;

    for (i = 0; i < rd->n_raw; i++)
        rd->raw[i].color = rd->raw[i].shape;
    for (round = 0; round < MAX_ROUNDS; round++) {
        before = colors;
        colors = count_colors(rd, ids, tmp, n);
        if (colors == before || colors == n)
            return;
        refine_round(rd, ids, n, next);
        for (i = 0; i < n; i++)
            rd->raw[ids[i]].color = next[i];
    }
    for (i = 0; i < n; i++)
        rd->raw[ids[i]].color = mix(rd->raw[ids[i]].color, ids[i]);
}

/* Types whose shape another type has too; `by_shape` is sorted by shape. */
static size_t find_lookalikes(
    const struct magic__reader *rd, const uint32_t *by_shape, uint32_t *ids)
{
    size_t i, n = 0;

    for (i = 0; i < rd->n_raw; i++) {
        uint64_t shape = rd->raw[by_shape[i]].shape;

        if ((i > 0 && rd->raw[by_shape[i - 1]].shape == shape) ||
            (i + 1 < rd->n_raw && rd->raw[by_shape[i + 1]].shape == shape))
            ids[n++] = by_shape[i];
    }
    return n;
}

/* Make same_as final: the first record of each class; and number the classes in that order. */
static void number_types(struct magic__reader *rd, uint32_t *ids, uint32_t *tmp)
{
    size_t i;

    for (i = 0; i < rd->n_raw; i++)
        ids[i] = (uint32_t) i;
    magic__sort_ids(ids, tmp, rd->n_raw, cmp_color, rd->raw);
    for (i = 1; i < rd->n_raw; i++) {
        struct magic__raw_type *raw = &rd->raw[ids[i]], *left = &rd->raw[ids[i - 1]];

        if (raw->same_as == ids[i] && raw->color == left->color)
            raw->same_as = left->same_as;
    }
    for (i = 0; i < rd->n_raw; i++)
        if (rd->raw[i].same_as == i)
            rd->raw[i].id = (uint32_t) rd->n_built++;
    for (i = 0; i < rd->n_raw; i++)
        rd->raw[i].same_as = rd->raw[rd->raw[i].same_as].same_as;
}

int magic__merge_types(struct magic__reader *rd)
{
    uint32_t *tags, *by_shape, *ids, *tmp;
    uint64_t *next;
    size_t i, n, attempt;

    find_aliases(rd);
    for (i = 0; i < rd->n_raw; i++) {
        rd->raw[i].shape = rd->raw[i].color = shape_of(rd, &rd->raw[i]);
        rd->raw[i].same_as = (uint32_t) i;
    }
    tags = magic__sorted_ids(rd, &rd->scratch, rd->n_raw, cmp_tag, rd->raw);
    by_shape = magic__sorted_ids(rd, &rd->scratch, rd->n_raw, cmp_shape, rd->raw);
    ids = magic_arena_array(&rd->scratch, rd->n_raw, sizeof(*ids));
    tmp = magic_arena_array(&rd->scratch, rd->n_raw, sizeof(*tmp));
    next = magic_arena_array(&rd->scratch, rd->n_raw, sizeof(*next));
    if (!tags || !by_shape || !ids || !tmp || !next)
        return magic__no_memory(rd);
    bind_incomplete(rd, tags);
    n = find_lookalikes(rd, by_shape, ids);
    /* A binding whose definitions turn out to differ is undone, which may split others. Two tries
     * cover what programs do; after that such a declaration keeps the binding it has. */
    for (attempt = 0; attempt < 3; attempt++) {
        refine(rd, ids, tmp, next, n);
        if (bind_incomplete(rd, tags) == 0)
            break;
    }
    number_types(rd, ids, tmp);
    return 0;
}
