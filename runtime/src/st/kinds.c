/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens to the kinds of heap objects: to which new type each goes on, and which numbers they have.
 *
 * Objects of unchanged types, the many, are not even looked at: their kind's record changes, not they.
 * Objects that move or grow get a kind of their own, so that whoever meets an object knows of which
 * version it is; the old kind then means objects that wait to be freed.
 */
#include "heap/heap_layout.h"
#include "st/transfer.h"

static const struct magic_site *site_at(const struct magic_table *table, uint64_t addr)
{
    size_t lo = 0, hi = table->n_sites;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (table->sites[mid].addr == addr)
            return &table->sites[mid];
        if (table->sites[mid].addr < addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

static int plan_kind(struct st__transfer *t, uint32_t number)
{
    const struct magic__kind *kind = magic__kind(number);
    struct st__kind_plan *k = &t->kinds[number];
    const struct magic_type *o, *n;

    if (!kind->type || magic__image_of((uintptr_t) kind->type) != t->old)
        return 0; /* opaque already, or made by the new image itself */
    o = magic_table_type_at(t->p.ot, (uintptr_t) kind->type - t->old->base);
    if (!o)
        return st__fail(t, MAGIC_EBADMSTATE, NULL, NULL,
            "heap kind %u has no type in the table of "
            "its image",
            number);
    k->o = magic_type_strip(o);
    if (kind->site)
        k->site = site_at(t->p.ot, (uintptr_t) kind->site - t->old->base);
    if (k->site)
        k->new_site = st__pair_site(&t->p, k->site);
    n = st__pair_type(&t->p, o, k->new_site ? k->new_site->type : NULL);
    if (!n)
        return 0;
    k->n = magic_type_strip(n);
    k->plan = st__plan(&t->p, o, n);
    return k->plan ? 0 : MAGIC_ENOMEM;
}

void st__kind_subject(const struct st__transfer *t, uint32_t kind, struct st__subject *ret)
{
    const struct st__kind_plan *k = &t->kinds[kind];

    if (k->old_kind)
        k = &t->kinds[k->old_kind];
    ret->type = k->o;
    ret->site = k->site;
}

int st__kind_renew(struct st__transfer *t, uint32_t number)
{
    struct st__kind_plan *k = &t->kinds[number];
    struct magic__kind *kind;

    if (k->new_kind)
        return 0;
    k->new_kind = magic__kind_new();
    if (!k->new_kind)
        return st__fail(t, MAGIC_ENOMEM, NULL, k->o, "too many kinds of heap objects");
    kind = magic__kind(k->new_kind);
    kind->type = (const struct magic_type_rec *) (t->new->base + k->n->addr);
    kind->elem_size = (uint32_t) k->n->size;
    kind->flags = magic__kind(number)->flags;
    t->kinds[k->new_kind].old_kind = number;
    return 0;
}

int st__heap_plan(struct st__transfer *t)
{
    struct magic__heap_stats heap;
    int err = 0;

    magic__heap_stats(&heap);
    t->stats->objects = heap.objects;
    t->n_kinds = magic__kind_count();
    t->libc_heap = magic__heap_is_libc();
    /* Room for kinds made during the transfer, which have no old type. */
    t->kinds = magic_arena_array(&t->arena, MAGIC__HEAP_KINDS, sizeof(*t->kinds));
    if (!t->kinds)
        return MAGIC_ENOMEM;
    for (uint32_t i = 1; i < t->n_kinds && !err; i++)
        err = plan_kind(t, i);
    return err;
}

/* -- after the scan ----------------------------------------------------------------------- */

#define SHAPE_FLAGS                                                             \
    (MAGIC_SITE_SINGLE | MAGIC_SITE_ARRAY | MAGIC_SITE_TAIL | MAGIC_SITE_POOL | \
        MAGIC_SITE_MAPPED | MAGIC_SITE_LATE)

/* The kind goes on as the new version's; new allocations of the same site join it. */
static void hand_over(struct st__transfer *t, const struct st__kind_plan *k, uint32_t number)
{
    struct magic__kind *kind = magic__kind(number);
    const struct magic_site *s = k->new_site;

    kind->type = k->n ? (const struct magic_type_rec *) (t->new->base + k->n->addr) : NULL;
    kind->elem_size = k->n ? (uint32_t) k->n->size : 0;
    kind->site = s ? (struct magic_site_rec *) (t->new->base + s->addr) : NULL;
    if (!k->n || !s || !s->type || magic_type_strip(s->type) != k->n || kind->site->kind)
        return;
    if ((s->flags & SHAPE_FLAGS) == (kind->flags & SHAPE_FLAGS))
        kind->site->kind = number;
}

int st__heap_finish(struct st__transfer *t)
{
    struct st__map *map = t->map;

    for (uint32_t i = 1; i < t->n_kinds; i++) {
        struct st__kind_plan *k = &t->kinds[i];

        if (!k->o)
            continue;
        hand_over(t, k, k->new_kind ? k->new_kind : i);
        if (k->new_kind) {
            magic__kind(i)->type = NULL;
            magic__kind(i)->site = NULL;
            magic__kind(i)->flags |= ST__KIND_DEAD;
        }
    }
    t->map = NULL;
    return map ? st__reclaim_later(map) : 0;
}
