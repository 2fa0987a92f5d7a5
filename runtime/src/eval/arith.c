/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Arithmetic and conversions on values, defined for all operands: what C leaves undefined is an
 * error here, but for shifts into the sign bit, which wrap as everywhere in practice.
 */
#include "eval/eval_internal.h"

uint64_t magic__fit(uint64_t value, struct magic__eval_type type)
{
    unsigned shift = 64 - 8 * (unsigned) magic__eval_size_of(type);

    if (magic__is_bool(type))
        return value != 0;
    if (type.stars || magic__is_unsigned(type))
        return value << shift >> shift;
    return (uint64_t) ((int64_t) (value << shift) >> shift);
}

static int overflow(struct magic_error *err)
{
    return magic_error_set(err, MAGIC_EBADMSTATE, "integer overflow");
}

static int divide(enum magic__eval_op op, struct magic__eval_type type, uint64_t a, uint64_t b,
    uint64_t *ret, struct magic_error *err)
{
    int64_t x = (int64_t) a, y = (int64_t) b;

    if (b == 0)
        return magic_error_set(err, MAGIC_EBADMSTATE, "division by zero");
    if (magic__is_unsigned(type)) {
        *ret = op == MAGIC__OP_DIV ? a / b : a % b;
        return 0;
    }
    if (y == -1) {
        /* The quotient of the least value overflows, and the processor traps on it. */
        if (op == MAGIC__OP_DIV && magic__fit(0 - a, type) == a && a != 0)
            return overflow(err);
        *ret = op == MAGIC__OP_DIV ? 0 - a : 0;
        return 0;
    }
    *ret = (uint64_t) (op == MAGIC__OP_DIV ? x / y : x % y);
    return 0;
}

static int shift(enum magic__eval_op op, struct magic__eval_type type, uint64_t a, uint64_t b,
    uint64_t *ret, struct magic_error *err)
{
    if (b >= 8 * magic__eval_size_of(type))
        return magic_error_set(err, MAGIC_EBADMSTATE, "shift by %lld bits", (long long) b);
    if (op == MAGIC__OP_SHL)
        *ret = magic__fit(a << b, type);
    else
        *ret = magic__is_unsigned(type) ? a >> b : (uint64_t) ((int64_t) a >> b);
    return 0;
}

/* Sum, difference or product, which must fit a signed type. */
static int signed_arith(enum magic__eval_op op, struct magic__eval_type type, int64_t a, int64_t b,
    uint64_t *ret, struct magic_error *err)
{
    int64_t value;
    int wraps = op == MAGIC__OP_ADD   ? __builtin_add_overflow(a, b, &value)
                : op == MAGIC__OP_SUB ? __builtin_sub_overflow(a, b, &value)
                                      : __builtin_mul_overflow(a, b, &value);

    if (wraps || magic__fit((uint64_t) value, type) != (uint64_t) value)
        return overflow(err);
    *ret = (uint64_t) value;
    return 0;
}

int magic__arith_int(enum magic__eval_op op, struct magic__eval_type type, uint64_t a, uint64_t b,
    uint64_t *ret, struct magic_error *err)
{
    switch (op) {
    case MAGIC__OP_DIV:
    case MAGIC__OP_MOD:
        return divide(op, type, a, b, ret, err);
    case MAGIC__OP_SHL:
    case MAGIC__OP_SHR:
        return shift(op, type, a, b, ret, err);
    case MAGIC__OP_BAND:
        *ret = a & b;
        return 0;
    case MAGIC__OP_XOR:
        *ret = a ^ b;
        return 0;
    case MAGIC__OP_BOR:
        *ret = a | b;
        return 0;
    default:
        break;
    }
    if (!magic__is_unsigned(type))
        return signed_arith(op, type, (int64_t) a, (int64_t) b, ret, err);
    *ret = magic__fit(op == MAGIC__OP_ADD ? a + b : op == MAGIC__OP_SUB ? a - b : a * b, type);
    return 0;
}

/* Round to the precision of the type; long double is kept as double. */
static double rounded(double value, struct magic__eval_type type)
{
    return magic__eval_size_of(type) == 4 ? (double) (float) value : value;
}

int magic__arith_float(enum magic__eval_op op, struct magic__eval_type type, double a, double b,
    union magic__eval_raw *ret, struct magic_error *err)
{
    switch (op) {
    case MAGIC__OP_MUL:
        ret->f = rounded(a * b, type);
        return 0;
    case MAGIC__OP_ADD:
        ret->f = rounded(a + b, type);
        return 0;
    case MAGIC__OP_SUB:
        ret->f = rounded(a - b, type);
        return 0;
    default:
        if (b == 0)
            return magic_error_set(err, MAGIC_EBADMSTATE, "division by zero");
        ret->f = rounded(a / b, type);
        return 0;
    }
}

static int float_to_int(
    double f, struct magic__eval_type to, uint64_t *ret, struct magic_error *err)
{
    uint64_t value;

    if (magic__is_bool(to)) {
        *ret = f != 0;
        return 0;
    }
    if (magic__is_unsigned(to) ? !(f > -1 && f < 0x1p64) : !(f >= -0x1p63 && f < 0x1p63))
        return overflow(err);
    value = magic__is_unsigned(to) && f > 0 ? (uint64_t) f : (uint64_t) (int64_t) f;
    if (magic__fit(value, to) != value)
        return overflow(err);
    *ret = value;
    return 0;
}

int magic__convert(struct magic__eval_type from, struct magic__eval_type to,
    union magic__eval_raw *value, struct magic_error *err)
{
    int from_float = magic__eval_class_of(from) == MAGIC__FLOAT;
    int to_float = magic__eval_class_of(to) == MAGIC__FLOAT;

    if (from_float && to_float) {
        value->f = rounded(value->f, to);
    } else if (from_float) {
        return float_to_int(value->f, to, &value->u, err);
    } else if (to_float) {
        value->f = rounded(from.stars || magic__is_unsigned(from) ? (double) value->u
                                                                  : (double) (int64_t) value->u,
            to);
    } else {
        value->u = magic__fit(value->u, to);
    }
    return 0;
}
