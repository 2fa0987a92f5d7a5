/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Heap objects whose type changed: decide, rebuild, and hand the kinds over.
 *
 * An object whose members keep their places is converted where it is. Any other is built anew from
 * the service's own allocator; the first word of the old one then holds the new one's address, for
 * forward.c. The old one is freed when no pointer to it is left. Objects of unchanged types, the
 * many, are not even looked at: their kind's record changes, not they.
 */
#include <string.h>

#include "st/transfer.h"

/* Call `visit` for each live object; stops at the first code that is not 0. */
static int each_object(
    struct st__transfer *t, int (*visit)(struct st__transfer *t, const struct magic__object *obj))
{
    struct magic__object batch[MAGIC__HEAP_BATCH];
    uintptr_t at = 0;
    size_t n;

    while ((n = magic__heap_batch(&at, UINTPTR_MAX, batch)) > 0)
        for (size_t i = 0; i < n; i++) {
            int err = visit(t, &batch[i]);

            if (err)
                return err;
        }
    return 0;
}

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
    const struct st__kind_plan *k = kind < t->n_kinds ? &t->kinds[kind] : NULL;

    ret->type = k ? k->o : NULL;
    ret->site = k ? k->site : NULL;
}

bool st__is_rebuilt_kind(const struct st__transfer *t, uint32_t kind)
{
    for (uint32_t i = 1; i < t->n_kinds; i++)
        if (t->kinds[i].new_kind == kind)
            return true;
    return false;
}

/* Objects of kinds that change, or whose type is gone, have to be known one by one. */
static bool needs_look(const struct st__kind_plan *k)
{
    return k->o && (!k->plan || k->plan->cls != ST__COPY);
}

static int make_new_kind(struct st__transfer *t, struct st__kind_plan *k, uint32_t number)
{
    struct magic__kind *kind;

    k->new_kind = magic__kind_new();
    if (!k->new_kind)
        return st__fail(t, MAGIC_ENOMEM, NULL, k->o, "too many kinds of heap objects");
    kind = magic__kind(k->new_kind);
    kind->type = (const struct magic_type_rec *) (t->new->base + k->n->addr);
    kind->elem_size = (uint32_t) k->n->size;
    kind->flags = magic__kind(number)->flags;
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
    t->kinds = magic_arena_array(&t->arena, 65536, sizeof(*t->kinds));
    if (!t->kinds)
        return MAGIC_ENOMEM;
    for (uint32_t i = 1; i < t->n_kinds && !err; i++)
        err = plan_kind(t, i);
    return err;
}

/* Number of elements in an object that has to be converted. */
static int element_count(struct st__transfer *t, const struct magic__object *obj, uint64_t *ret)
{
    const struct st__kind_plan *k = &t->kinds[obj->kind];
    uint32_t flags = magic__kind(obj->kind)->flags;

    *ret = k->o->size ? obj->size / k->o->size : 0;
    if (k->plan->cls == ST__REFUSE)
        return st__fail(t, MAGIC_ENOTSUP, NULL, k->o, "%s", k->plan->why);
    if (*ret == 0)
        return st__fail(t, MAGIC_ENOTSUP, NULL, k->o,
            "the object (%zu bytes) is smaller than its "
            "type, which changed",
            obj->size);
    if ((flags & MAGIC_SITE_SINGLE) || obj->size == k->o->size)
        *ret = 1;
    else if ((flags & MAGIC_SITE_TAIL) || (!(flags & MAGIC_SITE_ARRAY) && obj->size % k->o->size))
        return st__fail(t, MAGIC_ENOTSUP, NULL, k->o,
            "the type changed and the object (%zu bytes) "
            "has more after it, which is not supported yet",
            obj->size);
    return 0;
}

static int convert_elements(struct st__transfer *t, const struct st__kind_plan *k,
    const unsigned char *o, unsigned char *n, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct st__path path = { NULL, NULL, i };
        int err = st__convert(
            t, k->plan, o + i * k->o->size, n + i * k->n->size, count > 1 ? &path : NULL);

        if (err)
            return err;
    }
    return 0;
}

/* Same size, same places: through a copy, because conversion reads and writes. */
static int convert_in_place(struct st__transfer *t, const struct magic__object *obj, uint64_t count)
{
    size_t size = count * t->kinds[obj->kind].o->size;
    unsigned char *copy = magic__heap_alloc(size, sizeof(void *));
    int err;

    if (!copy)
        return st__fail(t, MAGIC_ENOMEM, NULL, NULL, "no memory to convert an object");
    memcpy(copy, (const void *) obj->addr, size);
    err = convert_elements(t, &t->kinds[obj->kind], copy, (unsigned char *) obj->addr, count);
    magic__heap_free(copy);
    t->stats->objects_in_place++;
    return err;
}

static int remember(struct st__transfer *t, uintptr_t o, uintptr_t n)
{
    struct st__moved *m = t->moved;

    if (!m || m->n == sizeof(m->at) / sizeof(m->at[0])) {
        m = magic_arena_alloc(&t->arena, sizeof(*m));
        if (!m)
            return MAGIC_ENOMEM;
        m->older = t->moved;
        t->moved = m;
    }
    m->at[m->n].o = o;
    m->at[m->n++].n = n;
    t->stats->objects_moved++;
    return 0;
}

static int rebuild(struct st__transfer *t, const struct magic__object *obj, uint64_t count)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];
    size_t size = count * k->n->size;
    unsigned char *n;
    uintptr_t addr;
    int err;

    if (!k->new_kind && (err = make_new_kind(t, k, obj->kind)) != 0)
        return err;
    n = magic__heap_alloc(size, k->n->align);
    if (!n)
        return st__fail(t, MAGIC_ENOMEM, NULL, k->o, "no memory to rebuild an object");
    memset(n, 0, size);
    addr = t->subject.new_addr = (uintptr_t) n;
    err = convert_elements(t, k, (const unsigned char *) obj->addr, n, count);
    if (!err)
        err = magic__heap_add(addr, size, k->new_kind);
    if (!err)
        err = st__mark(t, &t->rebuilt, addr, addr + size);
    if (!err)
        err = remember(t, obj->addr, addr);
    memcpy((void *) obj->addr, &addr, sizeof(addr));
    t->stats->bytes_moved += size;
    return err;
}

/* One past the end is marked as well: a pointer there is one to the object. */
static int mark(struct st__transfer *t, const struct magic__object *obj)
{
    t->heap_changed = true;
    return st__mark(t, &t->marks, obj->addr, obj->addr + obj->size + 1);
}

static int move_object(struct st__transfer *t, const struct magic__object *obj)
{
    struct st__kind_plan *k = &t->kinds[obj->kind];
    uint64_t count;
    int err = 0;

    if (!needs_look(k))
        return 0;
    t->subject = (struct st__subject) { .old_addr = obj->addr };
    st__kind_subject(t, obj->kind, &t->subject);
    t->stats->types_changed += k->plan && !k->objects;
    if (!k->plan && !k->objects)
        err = st__judge(t, ST__POLICY_type, MAGIC_EUNPAIRED, NULL, k->o,
            "the type no longer exists: its objects stay as they are");
    k->objects++;
    if (!err && (!k->plan || k->plan->moves))
        err = mark(t, obj);
    if (err || !k->plan)
        return err;
    err = element_count(t, obj, &count);
    if (err)
        return err;
    return k->plan->moves ? rebuild(t, obj, count) : convert_in_place(t, obj, count);
}

int st__heap_move(struct st__transfer *t)
{
    bool any = false;

    for (uint32_t i = 1; i < t->n_kinds; i++)
        any = any || needs_look(&t->kinds[i]);
    return any ? each_object(t, move_object) : 0;
}

/* -- after the scan ----------------------------------------------------------------------- */

static void free_old_objects(struct st__transfer *t)
{
    for (struct st__moved *m = t->moved; m; m = m->older)
        for (size_t i = 0; i < m->n; i++) {
            magic__heap_remove(m->at[i].o, NULL);
            magic__heap_free((void *) m->at[i].o);
        }
}

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
    if ((s->flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_ARRAY | MAGIC_SITE_TAIL)) == kind->flags)
        kind->site->kind = number;
}

void st__heap_finish(struct st__transfer *t)
{
    free_old_objects(t);
    for (uint32_t i = 1; i < t->n_kinds; i++) {
        struct st__kind_plan *k = &t->kinds[i];

        if (!k->o)
            continue;
        if (k->new_kind)
            magic__kind_release(i);
        hand_over(t, k, k->new_kind ? k->new_kind : i);
    }
}
