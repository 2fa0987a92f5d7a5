/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Numbers of every C type: see number.h.
 *
 * Reals are computed with as long double, whose 64 bits of mantissa hold every double and every 64-bit
 * integer exactly. Little-endian, as all supported targets.
 */
#include "st/number.h"

#include <stdio.h>
#include <string.h>

static bool is_unsigned(const struct magic_type *type)
{
    return type->flags & (MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL);
}

static st__uint mask_of(unsigned bits)
{
    return bits >= 128 ? ~(st__uint) 0 : ((st__uint) 1 << bits) - 1;
}

/* -- loading ------------------------------------------------------------------------------ */

static long double load_real(uint64_t size, const unsigned char *p)
{
    float f;
    double d;
    long double ld;

    if (size == sizeof(f)) {
        memcpy(&f, p, sizeof(f));
        return f;
    }
    if (size == sizeof(d)) {
        memcpy(&d, p, sizeof(d));
        return d;
    }
    memcpy(&ld, p, sizeof(ld));
    return ld;
}

struct st__number st__number_from_bits(const struct magic_type *type, st__uint v, unsigned bits)
{
    st__uint sign = (st__uint) 1 << (bits - 1);

    v &= mask_of(bits);
    if (is_unsigned(type))
        return (struct st__number) { .form = ST__UNSIGNED, .u = v };
    return (struct st__number) { .form = ST__SIGNED,
        .i = bits >= 128 ? (st__int) v : (st__int) ((v ^ sign) - sign) };
}

struct st__number st__number_load(const struct magic_type *type, const unsigned char *p)
{
    bool complex = type->flags & MAGIC_TYPE_COMPLEX;
    uint64_t size = complex ? type->size / 2 : type->size;
    struct st__number v = { .form = ST__REAL };
    st__uint bits = 0;

    if (type->kind == MAGIC_KIND_FLOAT) {
        v.d = load_real(size, p);
        v.imaginary = complex ? load_real(size, p + size) : 0;
        return v;
    }
    memcpy(&bits, p, type->size);
    return st__number_from_bits(type, bits, (unsigned) type->size * 8);
}

/* -- storing ------------------------------------------------------------------------------ */

/* A real as an integer. False if it is not whole or out of range; then *ret is what is nearest. */
static bool real_to_integer(long double d, struct st__number *ret)
{
    const long double limit = 0x1p126L;

    if (!(d > -limit && d < limit)) { /* also: not a number */
        *ret = (struct st__number) { .form = ST__SIGNED };
        return false;
    }
    *ret = (struct st__number) { .form = ST__SIGNED, .i = (st__int) d };
    return (long double) ret->i == d;
}

bool st__number_to_bits(
    struct st__number v, const struct magic_type *type, unsigned bits, st__uint *ret)
{
    st__uint max = type->flags & MAGIC_TYPE_BOOL ? 1 : mask_of(bits), top;
    bool exact = v.imaginary == 0;

    if (v.form == ST__REAL)
        exact = real_to_integer(v.d, &v) && exact;
    top = is_unsigned(type) ? max : max / 2;
    if (v.form == ST__SIGNED && v.i < 0)
        exact = exact && !is_unsigned(type) && v.i >= -(st__int) (max / 2) - 1;
    else
        exact = exact && v.u <= top;
    *ret = type->flags & MAGIC_TYPE_BOOL ? v.u != 0 : v.u & max;
    return exact;
}

/* An integer as a real; false if it has more bits than a long double. */
static bool integer_to_real(struct st__number v, long double *ret)
{
    const long double limit = 0x1p127L;

    *ret = v.form == ST__SIGNED ? (long double) v.i : (long double) v.u;
    if (!(*ret > -limit && *ret < limit))
        return false;
    return v.form == ST__SIGNED ? (st__int) *ret == v.i : (st__uint) *ret == v.u;
}

static bool store_real(long double v, uint64_t size, unsigned char *p)
{
    float f = (float) v;
    double d = (double) v;

    if (size == sizeof(f)) {
        memcpy(p, &f, sizeof(f));
        return f == v || v != v;
    }
    if (size == sizeof(d)) {
        memcpy(p, &d, sizeof(d));
        return d == v || v != v;
    }
    memset(p, 0, size);
    memcpy(p, &v, 10); /* what the x87 stores; the rest is padding */
    return true;
}

bool st__number_store(struct st__number v, const struct magic_type *type, unsigned char *p)
{
    bool complex = type->flags & MAGIC_TYPE_COMPLEX, exact = true;
    uint64_t size = complex ? type->size / 2 : type->size;
    st__uint bits;

    if (type->kind != MAGIC_KIND_FLOAT) {
        exact = st__number_to_bits(v, type, (unsigned) type->size * 8, &bits);
        memcpy(p, &bits, type->size);
        return exact;
    }
    if (v.form != ST__REAL) {
        long double d;

        exact = integer_to_real(v, &d);
        v = (struct st__number) { .form = ST__REAL, .d = d };
    }
    exact = store_real(v.d, size, p) && exact;
    if (complex)
        return store_real(v.imaginary, size, p + size) && exact;
    return exact && v.imaginary == 0;
}

const char *st__number_text(struct st__number v, char *buf, size_t size)
{
    char digits[48];
    size_t at = sizeof(digits) - 1;
    bool negative = v.form == ST__SIGNED && v.i < 0;
    st__uint rest = negative ? -v.u : v.u;

    if (v.form == ST__REAL) {
        if (v.imaginary != 0)
            snprintf(buf, size, "%Lg%+Lgi", v.d, v.imaginary);
        else
            snprintf(buf, size, "%Lg", v.d);
        return buf;
    }
    digits[at] = '\0';
    do {
        digits[--at] = (char) ('0' + (int) (rest % 10));
        rest /= 10;
    } while (rest);
    snprintf(buf, size, "%s%s", negative ? "-" : "", digits + at);
    return buf;
}
