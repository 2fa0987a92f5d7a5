/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a live heap object consists of, and converting it.
 *
 * The size of an object and what its site says about it tell whether it is one structure, several, one
 * with a longer array at its end, or one with bytes of unknown type behind. Conversion and forwarding
 * ask the same function, so that they cannot differ.
 */
#include <string.h>

#include "st/transfer.h"

/* A callback makes a structure, not what is behind it. */
static const struct st__plan *plan_of(const struct st__kind_plan *k)
{
    return k->plan->inner ? k->plan->inner : k->plan;
}

/* One structure whose last array goes on as far as the object does. */
static bool has_tail(const struct st__plan *p, uint32_t flags, uint64_t size)
{
    return p->tail && p->tail->elem->o->size && size >= p->tail->o &&
           !((flags & MAGIC_SITE_ARRAY) && size > p->o->size);
}

static struct st__shape with_tail(const struct st__plan *p, uint64_t size)
{
    uint64_t elem = p->tail->elem->o->size, bytes = size - p->tail->o;
    struct st__shape s = { .count = 1, .tail = bytes / elem, .rest = bytes % elem };

    s.rest_o = size - s.rest;
    s.rest_n = p->tail->n + s.tail * p->tail->elem->n->size;
    s.size = s.rest_n + s.rest;
    if (s.size < p->n->size)
        s.size = p->n->size;
    return s;
}

/* True if the object is elements, one after the other. Where the site does not say so, their size must
 * divide the size of all its objects. */
static bool is_array(const struct st__kind_plan *k, uint32_t flags, uint64_t size)
{
    if (size <= k->o->size || (flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_TAIL)))
        return false;
    return (flags & MAGIC_SITE_ARRAY) || !k->uneven;
}

struct st__shape st__shape(const struct st__kind_plan *k, uint32_t flags, uint64_t size)
{
    const struct st__plan *p = plan_of(k);
    struct st__shape s = { .count = 1 };

    if (has_tail(p, flags, size))
        return with_tail(p, size);
    if (p->o->size && is_array(k, flags, size))
        s.count = size / p->o->size;
    s.rest_o = s.count * p->o->size;
    s.rest_n = s.size = s.count * p->n->size;
    if (size <= s.rest_o)
        return s;
    s.rest = size - s.rest_o;
    s.size += s.rest;
    return s;
}

int st__shape_convert(struct st__transfer *t, const struct st__kind_plan *k,
    const struct st__shape *s, const unsigned char *o, unsigned char *n)
{
    int err = 0;

    for (uint64_t i = 0; i < s->count && !err; i++) {
        struct st__path path = { NULL, NULL, i };

        err = st__convert(t, k->plan, o + i * k->plan->o->size, n + i * k->plan->n->size,
            s->count > 1 ? &path : NULL);
    }
    if (!err && s->tail)
        err = st__convert_tail(t, plan_of(k), o, n, s->tail);
    if (!err && s->rest)
        memcpy(n + s->rest_n, o + s->rest_o, s->rest);
    return err;
}

int st__shape_offset(const struct st__kind_plan *k, const struct st__shape *s, uint64_t off,
    uintptr_t addr, const struct magic_type *want, uint64_t *ret)
{
    uint64_t o = k->plan->o->size, i = s->count > 1 ? off / o : 0, inner;
    int err;

    if ((s->count > 1 || s->rest) && off >= s->rest_o) {
        *ret = s->rest_n + (off - s->rest_o);
        return 0;
    }
    err = st__tagged_offset(k->plan, off - i * o, addr, want, &inner);
    if (!err)
        *ret = i * k->plan->n->size + inner;
    return err;
}

uint64_t st__elements(const struct magic__object *obj, uint64_t elem_size)
{
    uint32_t flags = magic__kind(obj->kind)->flags;

    if (elem_size == 0 || obj->size < elem_size)
        return 0;
    if (flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_TAIL))
        return 1;
    return flags & MAGIC_SITE_ARRAY || obj->size % elem_size == 0 ? obj->size / elem_size : 1;
}
