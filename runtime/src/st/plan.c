/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plans: how a value of an old type becomes a value of a new one.
 *
 * A plan depends on the two types alone, so it is made once for each pair and kept in a hash.
 * Containment by value is finite (the table reader sees to that), so making one terminates;
 * pointers end the recursion, because converting never looks at what they point to.
 *
 * Source: element mapping of magic_st.c; differs: decided per pair of types, not per element.
 */
#include <string.h>

#include "st/transfer.h"

static int plan_fill(struct st__transfer *t, struct st__plan *p);

static struct st__plan **plan_slot(struct st__transfer *t, uint32_t o, uint32_t n)
{
    uint64_t hash = ((uint64_t) o << 32 | n) * 0x9e3779b97f4a7c15u;
    size_t i = (hash >> 32) & (t->plan_slots - 1);

    while (t->plans[i] && (t->plans[i]->o->id != o || t->plans[i]->n->id != n))
        i = (i + 1) & (t->plan_slots - 1);
    return &t->plans[i];
}

static int plan_grow(struct st__transfer *t)
{
    struct st__plan **old = t->plans;
    size_t n = t->plan_slots;

    t->plan_slots = n ? n * 2 : 256;
    t->plans = magic_arena_array(&t->arena, t->plan_slots, sizeof(*t->plans));
    if (!t->plans)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (old[i])
            *plan_slot(t, old[i]->o->id, old[i]->n->id) = old[i];
    return 0;
}

const struct st__plan *st__plan(
    struct st__transfer *t, const struct magic_type *o, const struct magic_type *n)
{
    struct st__plan **slot, *p;

    o = magic_type_strip(o);
    n = magic_type_strip(n);
    if (t->n_plans * 2 >= t->plan_slots && plan_grow(t) != 0)
        return NULL;
    slot = plan_slot(t, o->id, n->id);
    if (*slot)
        return *slot;
    p = magic_arena_alloc(&t->arena, sizeof(*p));
    if (!p)
        return NULL;
    p->o = o;
    p->n = n;
    if (plan_fill(t, p) != 0)
        return NULL;
    *plan_slot(t, o->id, n->id) = p; /* the hash may have grown meanwhile */
    t->n_plans++;
    return p;
}

static int refuse(struct st__plan *p, const char *why)
{
    p->cls = ST__REFUSE;
    p->moves = true;
    p->why = why;
    return 0;
}

static bool same_number(const struct magic_type *o, const struct magic_type *n)
{
    const uint32_t flags = MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL | MAGIC_TYPE_COMPLEX;

    return o->kind == n->kind && o->size == n->size && (o->flags & flags) == (n->flags & flags);
}

static const struct magic_enumerator *enumerator(const struct magic_type *type, const char *name)
{
    for (uint32_t i = 0; i < type->count; i++)
        if (strcmp(type->enumerators[i].name, name) == 0)
            return &type->enumerators[i];
    return NULL;
}

/* An enum is copied as it is if every old name means the same number in the new version. */
static bool same_enum(const struct magic_type *o, const struct magic_type *n)
{
    if (!same_number(o, n))
        return false;
    for (uint32_t i = 0; i < o->count; i++) {
        const struct magic_enumerator *e = enumerator(n, o->enumerators[i].name);

        if (!e || e->value != o->enumerators[i].value)
            return false;
    }
    return true;
}

static bool is_number(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_INTEGER || type->kind == MAGIC_KIND_ENUM ||
           type->kind == MAGIC_KIND_FLOAT;
}

/* Wider than any integer the converter computes with, or of a shape it does not know. */
static bool is_odd_number(const struct magic_type *type)
{
    return (type->flags & MAGIC_TYPE_COMPLEX) || type->size > 8;
}

static int fill_number(struct st__plan *p)
{
    bool same = p->o->kind == MAGIC_KIND_ENUM && p->n->kind == MAGIC_KIND_ENUM
                    ? same_enum(p->o, p->n)
                    : same_number(p->o, p->n);

    if (same) {
        p->cls = ST__COPY;
        return 0;
    }
    if (is_odd_number(p->o) || is_odd_number(p->n))
        return refuse(p, "conversion between these number types is not supported yet");
    p->cls = ST__CONVERT;
    p->moves = p->o->size != p->n->size;
    return 0;
}

static int fill_array(struct st__transfer *t, struct st__plan *p)
{
    const struct magic_type *o = p->o, *n = p->n;

    p->elem = st__plan(t, o->target, n->target);
    if (!p->elem)
        return MAGIC_ENOMEM;
    if (p->elem->cls == ST__COPY && o->nelems == n->nelems && o->size == n->size &&
        (o->flags & MAGIC_TYPE_VECTOR) == (n->flags & MAGIC_TYPE_VECTOR)) {
        p->cls = ST__COPY;
        return 0;
    }
    if ((o->flags | n->flags) & MAGIC_TYPE_VECTOR)
        return refuse(p, "a vector type changed");
    if (o->nelems == 0 || n->nelems == 0)
        return refuse(p, "a flexible array needs conversion, which is not supported yet");
    if (p->elem->cls == ST__REFUSE)
        return refuse(p, p->elem->why);
    p->cls = ST__CONVERT;
    p->moves = p->elem->moves || o->size != n->size;
    return 0;
}

/* The new member that continues an old one: the same name, or for an anonymous member the one in
 * the same place among the anonymous members of its kind. */
static const struct magic_member *member_pair(
    const struct magic_type *o, uint32_t i, const struct magic_type *n)
{
    const struct magic_member *m = &o->members[i];
    uint32_t ordinal = 0;

    if (m->name[0]) {
        for (uint32_t j = 0; j < n->count; j++)
            if (strcmp(n->members[j].name, m->name) == 0)
                return &n->members[j];
        return NULL;
    }
    for (uint32_t j = 0; j < i; j++)
        ordinal += !o->members[j].name[0] && o->members[j].type->kind == m->type->kind;
    for (uint32_t j = 0; j < n->count; j++)
        if (!n->members[j].name[0] && n->members[j].type->kind == m->type->kind && !ordinal--)
            return &n->members[j];
    return NULL;
}

static bool same_place(const struct st__member *m)
{
    return m->n && m->o->bit_offset == m->n->bit_offset && m->o->bit_size == m->n->bit_size;
}

/* Pair the members; false in *same if anything but unchanged members was found. */
static int pair_members(struct st__transfer *t, struct st__plan *p, bool *same)
{
    struct st__member *members = magic_arena_array(&t->arena, p->o->count, sizeof(*members));

    if (!members)
        return MAGIC_ENOMEM;
    *same = p->o->size == p->n->size && p->o->count == p->n->count;
    for (uint32_t i = 0; i < p->o->count; i++) {
        struct st__member *m = &members[i];

        m->o = &p->o->members[i];
        m->n = member_pair(p->o, i, p->n);
        if (m->n) {
            m->plan = st__plan(t, m->o->type, m->n->type);
            if (!m->plan)
                return MAGIC_ENOMEM;
        }
        if (!same_place(m) || m->plan->cls != ST__COPY)
            *same = false;
        if (!same_place(m) || m->plan->moves)
            p->moves = true;
    }
    p->members = members;
    p->n_members = p->o->count;
    return 0;
}

/* Members that are copied as they are, adjacent ones together. */
static int make_runs(struct st__transfer *t, struct st__plan *p)
{
    struct st__run *runs = magic_arena_array(&t->arena, p->n_members, sizeof(*runs));

    if (!runs)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < p->n_members; i++) {
        const struct st__member *m = &p->members[i];
        struct st__run *last = p->n_runs ? &runs[p->n_runs - 1] : NULL;
        uint32_t o, n;

        if (!m->n || m->o->bit_size || m->n->bit_size || m->plan->cls != ST__COPY)
            continue;
        o = (uint32_t) (m->o->bit_offset / 8);
        n = (uint32_t) (m->n->bit_offset / 8);
        if (last && last->o + last->len == o && last->n + last->len == n)
            last->len += (uint32_t) m->plan->o->size;
        else
            runs[p->n_runs++] = (struct st__run) { o, n, (uint32_t) m->plan->o->size };
    }
    p->runs = runs;
    return 0;
}

static int fill_struct(struct st__transfer *t, struct st__plan *p)
{
    bool same;
    int err = pair_members(t, p, &same);

    if (err)
        return err;
    if (same) {
        p->cls = ST__COPY;
        p->moves = false;
        return 0;
    }
    if (p->o->kind == MAGIC_KIND_UNION)
        return refuse(p, "a union changed; unions are not converted yet");
    if ((p->o->flags | p->n->flags) & MAGIC_TYPE_FLEXIBLE)
        return refuse(p, "a structure with a flexible array changed, which is not supported yet");
    for (size_t i = 0; i < p->n_members; i++)
        if (p->members[i].plan && p->members[i].plan->cls == ST__REFUSE)
            return refuse(p, p->members[i].plan->why);
    p->cls = ST__CONVERT;
    p->moves = p->moves || p->o->size != p->n->size;
    return make_runs(t, p);
}

static int plan_fill(struct st__transfer *t, struct st__plan *p)
{
    const struct magic_type *o = p->o, *n = p->n;

    if (is_number(o) && is_number(n))
        return fill_number(p);
    if (o->kind != n->kind) {
        /* A pointer kept as an integer of its size, or the reverse, is the same bits. */
        bool bits = (o->kind == MAGIC_KIND_POINTER && n->kind == MAGIC_KIND_INTEGER) ||
                    (o->kind == MAGIC_KIND_INTEGER && n->kind == MAGIC_KIND_POINTER);

        if (bits && o->size == n->size) {
            p->cls = ST__COPY;
            return 0;
        }
        return refuse(p, "the type became another kind of type");
    }
    switch (o->kind) {
    case MAGIC_KIND_POINTER:
        p->cls = ST__COPY;
        return 0;
    case MAGIC_KIND_ARRAY:
        return fill_array(t, p);
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
        if ((o->flags | n->flags) & MAGIC_TYPE_INCOMPLETE)
            return refuse(p, "the type is declared but not defined");
        return fill_struct(t, p);
    default:
        if (o->size != n->size)
            return refuse(p, "memory of unknown type changed its size");
        p->cls = ST__COPY;
        return 0;
    }
}

/* -- offsets ------------------------------------------------------------------------------ */

/* The member of a struct plan that holds byte `off`; the last one that starts at or before it. */
static const struct st__member *member_at(const struct st__plan *p, uint64_t off)
{
    for (size_t i = 0; i < p->n_members; i++) {
        const struct magic_member *m = p->members[i].o;
        uint64_t lo = m->bit_offset / 8;
        uint64_t size = m->bit_size ? (m->bit_offset % 8 + m->bit_size + 7) / 8
                                    : magic_type_strip(m->type)->size;

        if (off >= lo && off < lo + size)
            return &p->members[i];
    }
    return NULL;
}

/* True if what starts at offset 0, however deep inside, becomes a `want`. */
static bool first_becomes(const struct st__plan *p, const struct magic_type *want)
{
    while (p) {
        if (p->n == want)
            return true;
        if (p->elem) {
            p = p->elem;
        } else {
            const struct st__member *m = p->n_members ? &p->members[0] : NULL;

            p = m && m->o->bit_offset == 0 ? m->plan : NULL;
        }
    }
    return false;
}

static int struct_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    const struct st__member *m = member_at(p, off);
    uint64_t inner;
    int err;

    if (!m) { /* padding: keep the distance from the end of the member before it */
        *ret = off < p->n->size ? off : p->n->size;
        return 0;
    }
    if (!m->n)
        return MAGIC_EUNPAIRED;
    err = st__plan_offset(m->plan, off - m->o->bit_offset / 8, want, &inner);
    if (err)
        return err;
    *ret = m->n->bit_offset / 8 + inner;
    return 0;
}

int st__plan_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    uint64_t index, inner;
    int err;

    if (!p->moves) {
        *ret = off;
        return 0;
    }
    if (off == p->o->size) { /* one past the end */
        *ret = p->n->size;
        return 0;
    }
    if (off == 0 && (!want || p->n == want || !first_becomes(p, want))) {
        *ret = 0;
        return 0;
    }
    if (p->o->kind == MAGIC_KIND_STRUCT && p->cls != ST__REFUSE)
        return struct_offset(p, off, want, ret);
    if (p->o->kind != MAGIC_KIND_ARRAY || p->cls == ST__REFUSE || !p->elem->o->size) {
        if (off >= p->n->size)
            return MAGIC_EUNPAIRED;
        *ret = off;
        return 0;
    }
    index = off / p->elem->o->size;
    if (index >= p->n->nelems)
        return MAGIC_EUNPAIRED;
    err = st__plan_offset(p->elem, off % p->elem->o->size, want, &inner);
    if (err)
        return err;
    *ret = index * p->elem->n->size + inner;
    return 0;
}
