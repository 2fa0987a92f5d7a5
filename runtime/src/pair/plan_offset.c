/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where a byte of an old value lies in the new one: for pointers into the middle of things.
 */
#include "pair/pair.h"

static uint64_t member_size(const struct magic_member *m)
{
    return m->bit_size ? (m->bit_offset % 8 + m->bit_size + 7) / 8
                       : magic_type_strip(m->type)->size;
}

/* The member of a struct plan that holds byte `off`. */
static const struct st__member *member_at(const struct st__plan *p, uint64_t off)
{
    for (size_t i = 0; i < p->n_members; i++) {
        const struct magic_member *m = p->members[i].o;
        uint64_t lo = m->bit_offset / 8;

        if (off >= lo && off < lo + member_size(m))
            return &p->members[i];
    }
    return NULL;
}

bool st__plan_begins_with(const struct st__plan *p, const struct magic_type *want)
{
    while (p) {
        if (p->inner)
            p = p->inner;
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

/* An array of `want` that ends at `off`, where no `want` begins: the pointer is its end. */
static const struct st__member *ending_at(
    const struct st__plan *p, uint64_t off, const struct magic_type *want)
{
    const struct st__member *next = member_at(p, off);

    if (!want ||
        (next && next->plan && next->o->bit_offset / 8 == off && st__plan_begins_with(next->plan, want)))
        return NULL;
    for (size_t i = 0; i < p->n_members; i++) {
        const struct st__member *m = &p->members[i];

        if (m->n && m->o->bit_offset / 8 + member_size(m->o) == off &&
            m->plan->o->kind == MAGIC_KIND_ARRAY && m->plan->elem && m->plan->elem->n == want)
            return m;
    }
    return NULL;
}

static int member_offset(
    const struct st__member *m, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    uint64_t inner;
    int err;

    if (!m->n)
        return MAGIC_EUNPAIRED;
    err = st__plan_offset(m->plan, off - m->o->bit_offset / 8, want, &inner);
    if (!err)
        *ret = m->n->bit_offset / 8 + inner;
    return err;
}

static int struct_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    const struct st__member *m = ending_at(p, off, want);

    if (!m)
        m = member_at(p, off);
    if (m)
        return member_offset(m, off, want, ret);
    *ret = off < p->n->size ? off : p->n->size; /* padding */
    return 0;
}

/* All members that hold the byte must agree where it goes. */
static int union_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    bool found = false;

    for (size_t i = 0; i < p->n_members; i++) {
        uint64_t to;

        if (off >= member_size(p->members[i].o) || !p->members[i].n)
            continue;
        if (member_offset(&p->members[i], off, want, &to) != 0 || (found && to != *ret))
            return MAGIC_EUNPAIRED;
        *ret = to;
        found = true;
    }
    return found ? 0 : MAGIC_EUNPAIRED;
}

static int array_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    uint64_t index = off / p->elem->o->size, inner;
    int err;

    if (index >= p->n->nelems)
        return MAGIC_EUNPAIRED;
    err = st__plan_offset(p->elem, off % p->elem->o->size, want, &inner);
    if (!err)
        *ret = index * p->elem->n->size + inner;
    return err;
}

/* Into the array at the end, which is as long as its object says. */
static int tail_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    const struct st__plan *elem = p->tail->elem;
    uint64_t at = off - p->tail->o, inner;
    int err = st__plan_offset(elem, at % elem->o->size, want, &inner);

    if (!err)
        *ret = p->tail->n + at / elem->o->size * elem->n->size + inner;
    return err;
}

int st__plan_offset(
    const struct st__plan *p, uint64_t off, const struct magic_type *want, uint64_t *ret)
{
    if (!p->moves) {
        *ret = off;
        return 0;
    }
    if (p->inner)
        p = p->inner;
    if (p->tail && p->tail->elem->o->size && off >= p->tail->o)
        return tail_offset(p, off, want, ret);
    if (off >= p->o->size) { /* one past the end, or bytes behind the last member */
        *ret = p->n->size + (off - p->o->size);
        return 0;
    }
    if (off == 0 && (!want || p->n == want || !st__plan_begins_with(p, want))) {
        *ret = 0;
        return 0;
    }
    if (p->cls == ST__CONVERT && p->o->kind == MAGIC_KIND_STRUCT)
        return struct_offset(p, off, want, ret);
    if (p->cls == ST__CONVERT && p->o->kind == MAGIC_KIND_UNION)
        return union_offset(p, off, want, ret);
    if (p->cls == ST__CONVERT && p->elem && p->elem->o->size)
        return array_offset(p, off, want, ret);
    if (off >= p->n->size)
        return MAGIC_EUNPAIRED;
    *ret = off;
    return 0;
}
