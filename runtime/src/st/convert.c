/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Converting one value from its old representation to its new one.
 *
 * C conversions, but none that changes a value, unless a policy allows it. Enumerators are matched by
 * name. What the new type no longer has is dropped with a warning if it held anything but zero.
 * Pointers are copied as they are; the scan forwards them later.
 */
#include <inttypes.h>
#include <string.h>

#include "st/number.h"
#include "st/transfer.h"

static bool all_zero(const unsigned char *p, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        if (p[i])
            return false;
    return true;
}

/* -- numbers ------------------------------------------------------------------------------ */

static int lost(struct st__transfer *t, const struct st__path *path, const struct magic_type *n,
    struct st__number v)
{
    char spelled[96], value[64];

    magic_type_spell(n, spelled, sizeof(spelled));
    return st__judge(t, ST__POLICY_lost, MAGIC_ELOST, path, n,
        "value %s does not fit the new type %s", st__number_text(v, value, sizeof(value)), spelled);
}

/* The number that an enumerator's name has in the new version. A number without a name (flags
 * that were combined) stays as it is. */
static int enum_translate(struct st__transfer *t, const struct st__plan *p,
    const struct st__path *path, struct st__number *v)
{
    const struct magic_enumerator *gone = NULL;

    for (uint32_t i = 0; i < p->o->count; i++) {
        const struct magic_enumerator *e;

        if (p->o->enumerators[i].value != v->i)
            continue;
        gone = &p->o->enumerators[i];
        e = st__pair_enumerator(&t->p, gone, p->n);
        if (e) {
            *v = (struct st__number) { .form = ST__SIGNED, .i = e->value };
            return 0;
        }
    }
    if (!gone)
        return 0;
    return st__judge(t, ST__POLICY_enumerator, MAGIC_ELOST, path, p->n,
        "enumerator %s no longer exists: rename its successor with renamed_from=%s", gone->name,
        gone->name);
}

static int convert_number(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    struct st__number v = st__number_load(p->o, o);

    if (p->o->kind == MAGIC_KIND_ENUM && p->n->kind == MAGIC_KIND_ENUM) {
        int err = enum_translate(t, p, path, &v);

        if (err)
            return err;
    }
    return st__number_store(v, p->n, n) ? 0 : lost(t, path, p->n, v);
}

/* -- bit-fields --------------------------------------------------------------------------- */

static unsigned member_bits(const struct magic_member *m, const struct magic_type *type)
{
    return m->bit_size ? m->bit_size : (unsigned) type->size * 8;
}

static st__uint bits_get(const unsigned char *p, uint64_t at, unsigned bits)
{
    st__uint v = 0;

    for (unsigned i = 0; i < bits; i++, at++)
        v |= (st__uint) (p[at / 8] >> (at % 8) & 1) << i;
    return v;
}

static void bits_put(unsigned char *p, uint64_t at, unsigned bits, st__uint v)
{
    for (unsigned i = 0; i < bits; i++, at++)
        p[at / 8] = (unsigned char) ((p[at / 8] & ~(1u << (at % 8))) |
                                     ((unsigned) (v >> i & 1) << (at % 8)));
}

static struct st__number load_member(
    const struct magic_member *m, const struct magic_type *type, const unsigned char *o)
{
    unsigned bits = member_bits(m, type);

    if (!m->bit_size)
        return st__number_load(type, o + m->bit_offset / 8);
    return st__number_from_bits(type, bits_get(o, m->bit_offset, bits), bits);
}

static bool is_zero(const struct magic_member *m, const unsigned char *o)
{
    return m->bit_size ? bits_get(o, m->bit_offset, m->bit_size) == 0
                       : all_zero(o + m->bit_offset / 8, magic_type_strip(m->type)->size);
}

/* A member that is a bit-field on at least one side. */
static int convert_bits(struct st__transfer *t, const struct st__member *m, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    const struct st__plan *p = m->plan;
    struct st__number v;
    st__uint bits;
    bool kept;
    int err = 0;

    if (p->cls == ST__SKIP)
        return 0;
    if (p->cls == ST__REFUSE)
        return t->back || is_zero(m->o, o) ? 0
                                           : st__fail(t, MAGIC_ENOTSUP, path, p->o, "%s", p->why);
    v = load_member(m->o, p->o, o);
    if (p->o->kind == MAGIC_KIND_ENUM && p->n->kind == MAGIC_KIND_ENUM)
        err = enum_translate(t, p, path, &v);
    if (err)
        return err;
    if (!m->n->bit_size) {
        kept = st__number_store(v, p->n, n + m->n->bit_offset / 8);
    } else {
        kept = st__number_to_bits(v, p->n, m->n->bit_size, &bits);
        bits_put(n, m->n->bit_offset, m->n->bit_size, bits);
    }
    return kept ? 0 : lost(t, path, p->n, v);
}

/* -- aggregates --------------------------------------------------------------------------- */

static int dropped_member(struct st__transfer *t, const struct magic_member *m,
    const unsigned char *o, const struct st__path *path)
{
    const struct magic_type *type = magic_type_strip(m->type);

    return is_zero(m, o) || st__how_member(&t->p, m) == ST__NOXFER
               ? 0
               : st__judge(t, ST__POLICY_removed, MAGIC_ELOST, path, type,
                     "dropped: the member no longer exists; if one continues it, say there "
                     "renamed_from=%s",
                     m->name[0] ? m->name : "NAME");
}

const struct st__case *st__chosen(const struct st__choice *choice, const unsigned char *o)
{
    struct st__number tag = load_member(choice->tag, magic_type_strip(choice->tag->type), o);
    const struct st__case *found = NULL;

    for (size_t i = 0; i < choice->n; i++)
        if (choice->cases[i].any ? !found : tag.i == choice->cases[i].value)
            found = &choice->cases[i];
    return found;
}

/* A union whose structure says which member is in use. */
static int convert_chosen(struct st__transfer *t, const struct st__member *m,
    const unsigned char *o, unsigned char *n, const struct st__path *path)
{
    const struct st__choice *choice = m->choice;
    const struct magic_type *tag_type = magic_type_strip(choice->tag->type);
    struct st__number tag = load_member(choice->tag, tag_type, o);
    const struct st__case *found = st__chosen(choice, o);
    char value[64];

    o += m->o->bit_offset / 8;
    n += m->n->bit_offset / 8;
    if (found) {
        const struct st__member *used = found->member;
        struct st__path here = { path, used->o->name, 0 };

        if (!used->n)
            return dropped_member(t, used->o, o, &here);
        return used->o->bit_size || used->n->bit_size ? convert_bits(t, used, o, n, &here)
                                                      : st__convert(t, used->plan, o, n, &here);
    }
    if (all_zero(o, m->plan->o->size))
        return 0;
    return st__fail(t, MAGIC_ENOTSUP, path, m->plan->o,
        "%s has the value %s, for which union_by names no member", choice->tag->name,
        st__number_text(tag, value, sizeof(value)));
}

static int convert_members(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    if (p->has_uthash && !t->back)
        st__uthash_tell(p, o);
    for (size_t i = 0; i < p->n_runs; i++)
        memcpy(n + p->runs[i].n, o + p->runs[i].o, p->runs[i].len);
    for (size_t i = 0; i < p->n_members; i++) {
        const struct st__member *m = &p->members[i];
        struct st__path here = { path, m->o->name, 0 };
        int err = 0;

        if (!m->n)
            err = dropped_member(t, m->o, o, &here);
        else if (m->o->bit_size || m->n->bit_size)
            err = convert_bits(t, m, o, n, &here);
        else if (m->choice)
            err = convert_chosen(t, m, o, n, &here);
        else if (m->plan->cls != ST__COPY || !p->runs)
            err =
                st__convert(t, m->plan, o + m->o->bit_offset / 8, n + m->n->bit_offset / 8, &here);
        if (err)
            return err;
    }
    return 0;
}

static int convert_array(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    uint64_t o_size = p->elem->o->size, n_size = p->elem->n->size;

    for (uint64_t i = 0; i < p->o->nelems; i++) {
        struct st__path here = { path, NULL, i };
        int err = 0;

        if (i < p->n->nelems)
            err = st__convert(t, p->elem, o + i * o_size, n + i * n_size, &here);
        else if (!all_zero(o + i * o_size, o_size))
            err = st__judge(t, ST__POLICY_cut, MAGIC_ELOST, &here, p->n,
                "the array became shorter and this element is in use");
        if (err)
            return err;
    }
    return 0;
}

int st__convert_tail(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, uint64_t count)
{
    const struct st__tail *tail = p->tail;
    const char *name = p->members[p->n_members - 1].o->name;

    for (uint64_t i = 0; i < count; i++) {
        struct st__path array = { NULL, name, 0 }, here = { &array, NULL, i };
        int err = st__convert(t, tail->elem, o + tail->o + i * tail->elem->o->size,
            n + tail->n + i * tail->elem->n->size, &here);

        if (err)
            return err;
    }
    return 0;
}

/* What no rule converts must be zero, and is nothing then. */
static int refuse(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    uint64_t size = p->o->size < p->n->size ? p->o->size : p->n->size;
    int err;

    if (all_zero(o, p->o->size))
        return 0;
    if (p->o->kind != MAGIC_KIND_UNION || p->n->kind != MAGIC_KIND_UNION)
        return t->back ? 0 : st__fail(t, MAGIC_ENOTSUP, path, p->o, "%s", p->why);
    err = st__judge(t, ST__POLICY_union, MAGIC_ENOTSUP, path, p->o, "%s", p->why);
    if (!err)
        memcpy(n, o, size);
    return err;
}

int st__convert(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    switch (p->cls) {
    case ST__COPY:
        memcpy(n, o, p->o->size);
        return 0;
    case ST__BYTES:
        memcpy(n, o, p->o->size < p->n->size ? p->o->size : p->n->size);
        return 0;
    case ST__CALL:
        return st__callback_call(t, p, o, n, path);
    case ST__SKIP:
        return 0;
    case ST__REFUSE:
        return refuse(t, p, o, n, path);
    case ST__CONVERT:
        break;
    }
    if (p->o->kind == MAGIC_KIND_STRUCT || p->o->kind == MAGIC_KIND_UNION)
        return convert_members(t, p, o, n, path);
    if (p->o->kind == MAGIC_KIND_ARRAY)
        return convert_array(t, p, o, n, path);
    return convert_number(t, p, o, n, path);
}
