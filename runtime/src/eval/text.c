/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Text in memory, and results as booleans, numbers and text.
 */
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "eval/eval_internal.h"

/* Text is read in pieces that do not cross a page, so that a string at the end of mapped memory
 * can be read. */
#define PIECE 64u
#define PAGE  4096u

/* Most characters of a string shown as a result. */
#define MAX_SHOWN 256u

static size_t piece_at(uint64_t addr, uint64_t left)
{
    uint64_t size = PAGE - addr % PAGE;

    if (size > PIECE)
        size = PIECE;
    return size < left ? size : left;
}

int magic__text_equal(const struct magic__eval_env *env, uint64_t addr, uint64_t size,
    const char *literal, size_t len, int *ret, struct magic_error *err)
{
    const char *end = literal + len;
    unsigned char buf[PIECE];
    uint64_t left = size ? size : UINT64_MAX;
    size_t n = 0, i = 0;

    *ret = 0;
    /* A null pointer is no text; and so it differs from any. */
    if (addr == 0)
        return 0;
    for (; left; left--, addr++, i++) {
        if (i == n) {
            n = piece_at(addr, left);
            i = 0;
            if (env->read(env->ctx, addr, buf, n))
                return magic_error_set(
                    err, MAGIC_EFAULT, "text at 0x%llx cannot be read", (unsigned long long) addr);
        }
        if (literal == end || buf[i] == 0) {
            *ret = literal == end && buf[i] == 0;
            return 0;
        }
        if (magic__literal_next(&literal, end) != buf[i])
            return 0;
    }
    *ret = literal == end;
    return 0;
}

static int not_scalar(const struct magic__eval_value *value, struct magic_error *err)
{
    char spelled[128];

    return magic_error_set(err, MAGIC_EINVAL, "the result is no single value but '%s'",
        magic__eval_spell(value->type, spelled, sizeof(spelled)));
}

int magic__eval_to_bool(const struct magic__eval_value *value, int *ret, struct magic_error *err)
{
    switch (value->cls) {
    case MAGIC__INT:
    case MAGIC__POINTER:
        *ret = value->as.u != 0;
        return 0;
    case MAGIC__FLOAT:
        *ret = value->as.f != 0;
        return 0;
    case MAGIC__ARRAY:
        *ret = 1;
        return 0;
    default:
        return not_scalar(value, err);
    }
}

int magic__eval_to_int(const struct magic__eval_value *value, int64_t *ret, struct magic_error *err)
{
    switch (value->cls) {
    case MAGIC__INT:
    case MAGIC__POINTER:
        *ret = (int64_t) value->as.u;
        return 0;
    case MAGIC__FLOAT:
        if (!(value->as.f >= -0x1p63 && value->as.f < 0x1p63))
            return magic_error_set(err, MAGIC_EBADMSTATE, "the result does not fit an integer");
        *ret = (int64_t) value->as.f;
        return 0;
    default:
        return not_scalar(value, err);
    }
}

int magic__eval_to_float(
    const struct magic__eval_value *value, double *ret, struct magic_error *err)
{
    switch (value->cls) {
    case MAGIC__INT:
        *ret =
            magic__is_unsigned(value->type) ? (double) value->as.u : (double) (int64_t) value->as.u;
        return 0;
    case MAGIC__FLOAT:
        *ret = value->as.f;
        return 0;
    default:
        return not_scalar(value, err);
    }
}

int magic__eval_print_double(char *buf, size_t size, double value)
{
    locale_t old = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t) 0));
    int n = snprintf(buf, size, "%.15g", value);

    uselocale(old);
    return n;
}

/* Append a character as C would write it in a string. */
static void put_char(char *buf, size_t size, size_t *len, unsigned char c)
{
    char text[8];
    int n;

    if (c == '"' || c == '\\')
        n = snprintf(text, sizeof(text), "\\%c", c);
    else if (c == '\n')
        n = snprintf(text, sizeof(text), "\\n");
    else if (c < 32 || c == 127)
        n = snprintf(text, sizeof(text), "\\%03o", c);
    else
        n = snprintf(text, sizeof(text), "%c", c);
    if (*len + (size_t) n < size) {
        memcpy(buf + *len, text, (size_t) n);
        *len += (size_t) n;
    }
}

/* The text at `addr`, at most `left` characters of it, in quotes. */
static int put_text(const struct magic__eval_env *env, uint64_t addr, uint64_t left, char *buf,
    size_t size, struct magic_error *err)
{
    unsigned char piece[PIECE];
    size_t len = 0, i, n;
    int more = left > MAX_SHOWN, ended = 0;

    if (size < 8)
        return magic_error_set(err, MAGIC_EINVAL, "no room for the result");
    left = more ? MAX_SHOWN : left;
    buf[len++] = '"';
    while (left && !ended) {
        n = piece_at(addr, left);
        if (env->read(env->ctx, addr, piece, n))
            return magic_error_set(
                err, MAGIC_EFAULT, "text at 0x%llx cannot be read", (unsigned long long) addr);
        for (i = 0; i < n && !ended; i++) {
            ended = piece[i] == 0;
            if (!ended)
                put_char(buf, size - 5, &len, piece[i]);
        }
        addr += n;
        left -= n;
    }
    snprintf(buf + len, size - len, "\"%s", more && !ended ? "..." : "");
    return 0;
}

int magic__eval_to_text(const struct magic__eval_env *env, const struct magic__eval_value *value,
    char *buf, size_t size, struct magic_error *err)
{
    struct magic__eval_type element;
    char spelled[128];

    switch (value->cls) {
    case MAGIC__INT:
        if (magic__is_unsigned(value->type))
            snprintf(buf, size, "%llu", (unsigned long long) value->as.u);
        else
            snprintf(buf, size, "%lld", (long long) value->as.u);
        return 0;
    case MAGIC__FLOAT:
        magic__eval_print_double(buf, size, value->as.f);
        return 0;
    case MAGIC__POINTER:
        snprintf(buf, size, "(%s) 0x%llx", magic__eval_spell(value->type, spelled, sizeof(spelled)),
            (unsigned long long) value->as.u);
        return 0;
    case MAGIC__ARRAY:
        element = magic__eval_target_of(value->type);
        if (magic__eval_class_of(element) == MAGIC__INT && magic__eval_size_of(element) == 1)
            return put_text(env, value->addr, magic__eval_size_of(value->type), buf, size, err);
        return not_scalar(value, err);
    default:
        return not_scalar(value, err);
    }
}
