/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plans for structures: members by name, and the array at the end that goes on as its object does.
 */
#include <string.h>

#include "pair/pair.h"

/* -- which member continues which --------------------------------------------------------- */

static bool member_renamed(
    const struct st__pairing *p, const struct magic_member *o, const struct magic_member *n)
{
    const struct st__named was = { o, o->attrs, o->name, NULL },
                           is = { n, n->attrs, n->name, NULL };

    return st__renamed(p, &was, &is);
}

/* True if some old member is said to have become `n`. */
static bool is_taken(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_member *n)
{
    for (uint32_t i = 0; i < o->count && p->members_renamed; i++)
        if (o->members[i].name[0] && member_renamed(p, &o->members[i], n))
            return true;
    return false;
}

/* An anonymous member's pair: of its kind, with a member name in common, or in the same place among
 * the anonymous members of its kind. */
static const struct magic_member *anonymous_pair(
    const struct magic_type *o, uint32_t i, const struct magic_type *n)
{
    const struct magic_type *inner = magic_type_strip(o->members[i].type);
    uint32_t ordinal = 0;

    for (uint32_t j = 0; j < n->count; j++) {
        const struct magic_type *other = magic_type_strip(n->members[j].type);

        if (n->members[j].name[0] || other->kind != inner->kind)
            continue;
        for (uint32_t a = 0; a < inner->count; a++)
            for (uint32_t b = 0; b < other->count; b++)
                if (inner->members[a].name[0] &&
                    strcmp(inner->members[a].name, other->members[b].name) == 0)
                    return &n->members[j];
    }
    for (uint32_t j = 0; j < i; j++)
        ordinal +=
            !o->members[j].name[0] && magic_type_strip(o->members[j].type)->kind == inner->kind;
    for (uint32_t j = 0; j < n->count; j++)
        if (!n->members[j].name[0] && magic_type_strip(n->members[j].type)->kind == inner->kind &&
            !ordinal--)
            return &n->members[j];
    return NULL;
}

static const struct magic_member *member_pair(
    const struct st__pairing *p, const struct magic_type *o, uint32_t i, const struct magic_type *n)
{
    const struct magic_member *m = &o->members[i];

    if (!m->name[0])
        return anonymous_pair(o, i, n);
    for (uint32_t j = 0; j < n->count && p->members_renamed; j++)
        if (n->members[j].name[0] && member_renamed(p, m, &n->members[j]))
            return &n->members[j];
    for (uint32_t at = 0; at < n->count; at++) { /* it is likely near where it was */
        uint32_t j = (i + at) % n->count;

        if (strcmp(n->members[j].name, m->name) == 0)
            return is_taken(p, o, &n->members[j]) ? NULL : &n->members[j];
    }
    return NULL;
}

bool st__is_uthash(const struct magic_member *m)
{
    const struct magic_type *type = magic_type_strip(m->type);

    return type->kind == MAGIC_KIND_STRUCT && strcmp(type->name, "UT_hash_handle") == 0;
}

static bool same_place(const struct st__member *m)
{
    return m->n && m->o->bit_offset == m->n->bit_offset && m->o->bit_size == m->n->bit_size;
}

static int plan_member(struct st__pairing *p, struct st__plan *plan, struct st__member *m)
{
    enum st__how o = st__how_member(p, m->o), n = st__how_member(p, m->n);
    bool is_bits = m->o->bit_size || m->n->bit_size;
    const struct st__callback *callback = is_bits ? NULL : st__callback_member(p, plan, m);
    int err;

    if (!callback && magic_type_strip(m->o->type)->kind == MAGIC_KIND_UNION &&
        magic_type_strip(m->n->type)->kind == MAGIC_KIND_UNION &&
        plan->o->kind == MAGIC_KIND_STRUCT) {
        err = st__plan_choice(p, plan, m);
        if (err || m->plan)
            return err;
    }
    m->plan = st__plan_as(p, m->o->type, m->n->type, n != ST__TYPED ? n : o, callback);
    return m->plan ? 0 : MAGIC_ENOMEM;
}

int st__plan_members(struct st__pairing *p, struct st__plan *plan, bool *same)
{
    struct st__member *members = magic_arena_array(p->arena, plan->o->count, sizeof(*members));

    if (!members)
        return MAGIC_ENOMEM;
    plan->members = members;
    plan->n_members = plan->o->count;
    *same = plan->o->size == plan->n->size && plan->o->count == plan->n->count;
    for (uint32_t i = 0; i < plan->o->count; i++) {
        members[i].o = &plan->o->members[i];
        members[i].n = member_pair(p, plan->o, i, plan->n);
    }
    for (uint32_t i = 0; i < plan->o->count; i++) {
        struct st__member *m = &members[i];
        int err = m->n ? plan_member(p, plan, m) : 0;

        if (err)
            return err;
        if (!same_place(m) || m->plan->cls != ST__COPY)
            *same = false;
        if (!same_place(m) || m->plan->moves)
            plan->moves = true;
        plan->has_uthash = plan->has_uthash || (m->n && !same_place(m) && st__is_uthash(m->o));
        plan->refuses = plan->refuses || (m->plan && m->plan->refuses);
    }
    return 0;
}

/* -- the array at the end ----------------------------------------------------------------- */

static const struct magic_type *last_array(const struct magic_type *type)
{
    const struct magic_type *last =
        type->count ? magic_type_strip(type->members[type->count - 1].type) : NULL;

    return last && last->kind == MAGIC_KIND_ARRAY && !(last->flags & MAGIC_TYPE_VECTOR) ? last
                                                                                        : NULL;
}

/* Both end with an array, one of them a flexible one: `char data[1]` of old may be `char data[]`. */
static int plan_tail(struct st__pairing *p, struct st__plan *plan)
{
    const struct magic_type *o = last_array(plan->o), *n = last_array(plan->n);
    const struct st__member *last = plan->n_members ? &plan->members[plan->n_members - 1] : NULL;
    struct st__tail *tail;

    if (!o || !n || (o->nelems && n->nelems) || last->n != &plan->n->members[plan->n->count - 1])
        return 0;
    tail = magic_arena_alloc(p->arena, sizeof(*tail));
    if (!tail)
        return MAGIC_ENOMEM;
    tail->elem = st__plan(p, o->target, n->target);
    if (!tail->elem)
        return MAGIC_ENOMEM;
    tail->o = last->o->bit_offset / 8;
    tail->n = last->n->bit_offset / 8;
    plan->tail = tail;
    plan->refuses = plan->refuses || tail->elem->refuses;
    return 0;
}

/* -- structures --------------------------------------------------------------------------- */

/* Members that are copied as they are, adjacent ones together. */
static int make_runs(struct st__pairing *p, struct st__plan *plan)
{
    struct st__run *runs = magic_arena_array(p->arena, plan->n_members, sizeof(*runs));

    if (!runs)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];
        struct st__run *last = plan->n_runs ? &runs[plan->n_runs - 1] : NULL;
        uint32_t o, n;

        if (!m->n || m->o->bit_size || m->n->bit_size || m->plan->cls != ST__COPY)
            continue;
        o = (uint32_t) (m->o->bit_offset / 8);
        n = (uint32_t) (m->n->bit_offset / 8);
        if (last && last->o + last->len == o && last->n + last->len == n)
            last->len += (uint32_t) m->plan->o->size;
        else
            runs[plan->n_runs++] = (struct st__run) { o, n, (uint32_t) m->plan->o->size };
    }
    plan->runs = runs;
    return 0;
}

int st__plan_struct(struct st__pairing *p, struct st__plan *plan)
{
    bool same;
    int err = st__plan_members(p, plan, &same);

    if (!err)
        err = plan_tail(p, plan);
    if (err)
        return err;
    if (same) {
        plan->cls = ST__COPY;
        plan->moves = false;
        return 0;
    }
    plan->cls = ST__CONVERT;
    plan->moves = plan->moves || plan->o->size != plan->n->size;
    return make_runs(p, plan);
}
