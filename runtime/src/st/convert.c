/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Converting one value from its old representation to its new one.
 *
 * C conversions, but none that changes a value: that is an error, and the update is refused.
 * Enumerators are matched by name. What the new type no longer has is dropped with a warning if it
 * held anything but zero. Pointers are copied as they are; the scan forwards them later.
 */
#include <inttypes.h>
#include <string.h>

#include "st/transfer.h"

/** A number on its way from one type to another. */
struct number {
    enum { SIGNED, UNSIGNED, REAL } form;
    union {
        int64_t i;
        uint64_t u;
        double d;
    };
};

static uint64_t load_bits(const unsigned char *p, uint64_t size)
{
    uint64_t v = 0;

    memcpy(&v, p, size); /* little-endian, as all supported targets */
    return v;
}

static int64_t sign_extend(uint64_t v, unsigned bits)
{
    uint64_t sign = (uint64_t) 1 << (bits - 1);

    return bits >= 64 ? (int64_t) v : (int64_t) ((v ^ sign) - sign);
}

static struct number number_from_bits(const struct magic_type *type, uint64_t v, unsigned bits)
{
    if (type->flags & (MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL))
        return (struct number) { .form = UNSIGNED, .u = v };
    return (struct number) { .form = SIGNED, .i = sign_extend(v, bits) };
}

static struct number number_load(const struct magic_type *type, const unsigned char *p)
{
    if (type->kind == MAGIC_KIND_FLOAT) {
        float f;
        double d;

        if (type->size == sizeof(f)) {
            memcpy(&f, p, sizeof(f));
            d = f;
        } else {
            memcpy(&d, p, sizeof(d));
        }
        return (struct number) { .form = REAL, .d = d };
    }
    return number_from_bits(type, load_bits(p, type->size), (unsigned) type->size * 8);
}

/* The bits of a number in an integer type of `bits` bits; false if it has no room there. */
static bool number_to_bits(
    struct number v, const struct magic_type *type, unsigned bits, uint64_t *ret)
{
    bool is_unsigned = type->flags & (MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL);
    uint64_t max = bits >= 64 ? UINT64_MAX : ((uint64_t) 1 << bits) - 1;

    if (type->flags & MAGIC_TYPE_BOOL)
        max = 1;
    if (v.form == REAL) {
        /* Only whole numbers that an int64_t holds exactly go over. */
        if (!(v.d >= -9007199254740992.0 && v.d <= 9007199254740992.0) || v.d != (int64_t) v.d)
            return false;
        v = (struct number) { .form = SIGNED, .i = (int64_t) v.d };
    }
    if (v.form == SIGNED && v.i < 0) {
        if (is_unsigned || v.i < -(int64_t) (max / 2) - 1)
            return false;
    } else if (v.u > (is_unsigned ? max : max / 2)) {
        return false;
    }
    *ret = v.u & max;
    return true;
}

static bool number_store(struct number v, const struct magic_type *type, unsigned char *p)
{
    uint64_t bits;

    if (type->kind == MAGIC_KIND_FLOAT) {
        double d = v.form == REAL ? v.d : v.form == SIGNED ? (double) v.i : (double) v.u;
        float f = (float) d;

        if (v.form == SIGNED ? (int64_t) d != v.i : v.form == UNSIGNED && (uint64_t) d != v.u)
            return false;
        if (type->size == sizeof(d)) {
            memcpy(p, &d, sizeof(d));
            return true;
        }
        memcpy(p, &f, sizeof(f));
        return (double) f == d || d != d;
    }
    if (!number_to_bits(v, type, (unsigned) type->size * 8, &bits))
        return false;
    memcpy(p, &bits, type->size);
    return true;
}

static int lost(struct st__transfer *t, const struct st__path *path, const struct magic_type *n,
    struct number v)
{
    char spelled[96];

    magic_type_spell(n, spelled, sizeof(spelled));
    if (v.form == REAL)
        return st__fail(
            t, MAGIC_ELOST, path, n, "value %g does not fit the new type %s", v.d, spelled);
    if (v.form == SIGNED)
        return st__fail(t, MAGIC_ELOST, path, n, "value %" PRId64 " does not fit the new type %s",
            v.i, spelled);
    return st__fail(
        t, MAGIC_ELOST, path, n, "value %" PRIu64 " does not fit the new type %s", v.u, spelled);
}

/* The number that an enumerator's name has in the new version. A number without a name (flags
 * that were combined) stays as it is. */
static int enum_translate(
    struct st__transfer *t, const struct st__plan *p, const struct st__path *path, struct number *v)
{
    const char *gone = NULL;

    for (uint32_t i = 0; i < p->o->count; i++) {
        if (p->o->enumerators[i].value != v->i)
            continue;
        gone = p->o->enumerators[i].name;
        for (uint32_t j = 0; j < p->n->count; j++)
            if (strcmp(p->n->enumerators[j].name, gone) == 0) {
                v->i = p->n->enumerators[j].value;
                if (v->form == UNSIGNED && v->i < 0)
                    v->form = SIGNED;
                return 0;
            }
    }
    if (!gone)
        return 0;
    return st__fail(t, MAGIC_ELOST, path, p->n, "enumerator %s no longer exists", gone);
}

static int convert_number(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    struct number v = number_load(p->o, o);

    if (p->o->kind == MAGIC_KIND_ENUM && p->n->kind == MAGIC_KIND_ENUM) {
        int err = enum_translate(t, p, path, &v);

        if (err)
            return err;
    }
    return number_store(v, p->n, n) ? 0 : lost(t, path, p->n, v);
}

/* -- bit-fields --------------------------------------------------------------------------- */

static unsigned member_bits(const struct magic_member *m, const struct magic_type *type)
{
    return m->bit_size ? m->bit_size : (unsigned) type->size * 8;
}

static uint64_t bits_get(const unsigned char *p, uint64_t at, unsigned bits)
{
    uint64_t v = 0;

    for (unsigned i = 0; i < bits; i++, at++)
        v |= (uint64_t) (p[at / 8] >> (at % 8) & 1) << i;
    return v;
}

static void bits_put(unsigned char *p, uint64_t at, unsigned bits, uint64_t v)
{
    for (unsigned i = 0; i < bits; i++, at++)
        p[at / 8] = (unsigned char) ((p[at / 8] & ~(1u << (at % 8))) | ((v >> i & 1) << (at % 8)));
}

/* A member that is a bit-field on at least one side. */
static int convert_bits(struct st__transfer *t, const struct st__member *m, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    unsigned o_bits = member_bits(m->o, m->plan->o), n_bits = member_bits(m->n, m->plan->n);
    struct number v;
    uint64_t bits;
    int err;

    if (o_bits > 64 || n_bits > 64 || m->plan->o->kind == MAGIC_KIND_FLOAT ||
        m->plan->n->kind == MAGIC_KIND_FLOAT)
        return st__fail(t, MAGIC_ENOTSUP, path, m->plan->n, "a bit-field became no integer");
    v = number_from_bits(m->plan->o, bits_get(o, m->o->bit_offset, o_bits), o_bits);
    if (m->plan->o->kind == MAGIC_KIND_ENUM && m->plan->n->kind == MAGIC_KIND_ENUM) {
        err = enum_translate(t, m->plan, path, &v);
        if (err)
            return err;
    }
    if (!number_to_bits(v, m->plan->n, n_bits, &bits))
        return lost(t, path, m->plan->n, v);
    bits_put(n, m->n->bit_offset, n_bits, bits);
    return 0;
}

/* -- aggregates --------------------------------------------------------------------------- */

static bool all_zero(const unsigned char *p, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        if (p[i])
            return false;
    return true;
}

static void dropped_member(struct st__transfer *t, const struct magic_member *m,
    const unsigned char *o, const struct st__path *path)
{
    const struct magic_type *type = magic_type_strip(m->type);
    bool zero = m->bit_size ? bits_get(o, m->bit_offset, m->bit_size) == 0
                            : all_zero(o + m->bit_offset / 8, type->size);

    if (!zero)
        st__warn(t, path, "dropped: the member no longer exists");
}

static int convert_struct(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    for (size_t i = 0; i < p->n_runs; i++)
        memcpy(n + p->runs[i].n, o + p->runs[i].o, p->runs[i].len);
    for (size_t i = 0; i < p->n_members; i++) {
        const struct st__member *m = &p->members[i];
        struct st__path here = { path, m->o->name, 0 };
        int err = 0;

        if (!m->n)
            dropped_member(t, m->o, o, &here);
        else if (m->o->bit_size || m->n->bit_size)
            err = convert_bits(t, m, o, n, &here);
        else if (m->plan->cls != ST__COPY)
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
        int err;

        if (i >= p->n->nelems) {
            if (!all_zero(o + i * o_size, o_size))
                return st__fail(t, MAGIC_ELOST, &here, p->n,
                    "the array became shorter and this element is in use");
            continue;
        }
        err = st__convert(t, p->elem, o + i * o_size, n + i * n_size, &here);
        if (err)
            return err;
    }
    return 0;
}

int st__convert(struct st__transfer *t, const struct st__plan *p, const unsigned char *o,
    unsigned char *n, const struct st__path *path)
{
    switch (p->cls) {
    case ST__COPY:
        memcpy(n, o, p->o->size);
        return 0;
    case ST__REFUSE:
        return st__fail(t, MAGIC_ENOTSUP, path, p->o, "%s", p->why);
    case ST__CONVERT:
        break;
    }
    if (p->o->kind == MAGIC_KIND_STRUCT)
        return convert_struct(t, p, o, n, path);
    if (p->o->kind == MAGIC_KIND_ARRAY)
        return convert_array(t, p, o, n, path);
    return convert_number(t, p, o, n, path);
}
