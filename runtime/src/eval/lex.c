/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Words, numbers, characters and strings of an expression.
 */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "eval/eval_internal.h"

static int is_word(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static int is_digit(int c)
{
    return c >= '0' && c <= '9';
}

void magic__skip_space(struct magic__parser *p)
{
    while (p->pos < p->end && (*p->pos == ' ' || (*p->pos >= '\t' && *p->pos <= '\r')))
        p->pos++;
}

size_t magic__ident_len(const struct magic__parser *p)
{
    const char *c = p->pos;

    if (c == p->end || is_digit(*c))
        return 0;
    while (c < p->end && is_word(*c))
        c++;
    return (size_t) (c - p->pos);
}

int magic__accept(struct magic__parser *p, const char *text)
{
    size_t len = strlen(text);

    magic__skip_space(p);
    if ((size_t) (p->end - p->pos) < len || memcmp(p->pos, text, len) != 0)
        return 0;
    if (is_word(text[0]) && p->pos + len < p->end && is_word(p->pos[len]))
        return 0;
    p->pos += len;
    return 1;
}

int magic__syntax_error(struct magic__parser *p, const char *what)
{
    int shown = p->end - p->pos < 40 ? (int) (p->end - p->pos) : 40;

    if (shown == 0)
        return magic_error_set(p->err, MAGIC_EINVAL, "%s at the end of the expression", what);
    return magic_error_set(p->err, MAGIC_EINVAL, "%s at '%.*s'", what, shown, p->pos);
}

static int digit_value(int c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* The type of an integer constant, as in C: the first that holds it. */
static enum magic__builtin constant_type(uint64_t value, int base, int has_u, int has_l)
{
    if (!has_l && !has_u && value <= INT32_MAX)
        return MAGIC__T_INT;
    if (!has_l && (has_u || base != 10) && value <= UINT32_MAX)
        return MAGIC__T_UINT;
    return !has_u && value <= INT64_MAX ? MAGIC__T_LONG : MAGIC__T_ULONG;
}

static int parse_suffix(struct magic__parser *p, int *has_u, int *has_l)
{
    *has_u = *has_l = 0;
    for (; p->pos < p->end && is_word(*p->pos); p->pos++) {
        if ((*p->pos == 'u' || *p->pos == 'U') && !*has_u)
            *has_u = 1;
        else if ((*p->pos == 'l' || *p->pos == 'L') && *has_l < 2)
            ++*has_l;
        else
            return magic__syntax_error(p, "bad number");
    }
    return 0;
}

static int parse_integer(struct magic__parser *p, uint32_t *ret)
{
    int base = 10, has_u, has_l, error;
    uint64_t value = 0;
    const char *begin;

    if (*p->pos == '0' && p->pos + 1 < p->end) {
        int next = p->pos[1] | 32;

        base = next == 'x' ? 16 : next == 'b' ? 2 : 8;
        p->pos += base == 8 ? 0 : 2;
    }
    for (begin = p->pos; p->pos < p->end && digit_value(*p->pos) < base; p->pos++)
        if (__builtin_mul_overflow(value, (uint64_t) base, &value) ||
            __builtin_add_overflow(value, (uint64_t) digit_value(*p->pos), &value))
            return magic__syntax_error(p, "number too large");
    if (p->pos == begin)
        return magic__syntax_error(p, "bad number");
    error = parse_suffix(p, &has_u, &has_l);
    if (error)
        return error;
    if (base == 10 && !has_u && value > INT64_MAX)
        return magic__syntax_error(p, "number too large");
    return magic__build_int(p, constant_type(value, base, has_u, has_l), value, ret);
}

/* Does a floating constant stand here? Then its length. */
static size_t float_len(const struct magic__parser *p)
{
    const char *c = p->pos;
    int is_float = 0;

    if (c + 1 < p->end && c[0] == '0' && (c[1] | 32) == 'x')
        return 0;
    for (; c < p->end && (is_digit(*c) || *c == '.'); c++)
        is_float |= *c == '.';
    if (c < p->end && (*c | 32) == 'e') {
        c++;
        if (c < p->end && (*c == '+' || *c == '-'))
            c++;
        is_float = 1;
        while (c < p->end && is_digit(*c))
            c++;
    }
    return is_float ? (size_t) (c - p->pos) : 0;
}

static int parse_float(struct magic__parser *p, size_t len, uint32_t *ret)
{
    char buf[64], *stop;
    enum magic__builtin type = MAGIC__T_DOUBLE;
    locale_t c_locale, old;
    double value;
    int error;

    if (len >= sizeof(buf))
        return magic__syntax_error(p, "number too long");
    memcpy(buf, p->pos, len);
    buf[len] = 0;
    /* The C locale is built in: this does not allocate. */
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t) 0);
    old = uselocale(c_locale);
    value = strtod(buf, &stop);
    uselocale(old);
    if (stop != buf + len)
        return magic__syntax_error(p, "bad number");
    p->pos += len;
    if (p->pos < p->end && (*p->pos | 32) == 'f') {
        type = MAGIC__T_FLOAT;
        value = (float) value;
        p->pos++;
    }
    if (p->pos < p->end && is_word(*p->pos))
        return magic__syntax_error(p, "bad number");
    error = magic__new_node(p, MAGIC__OP_CONST, magic__builtin_type(type), ret);
    if (!error)
        p->program->nodes[*ret].as.f = value;
    return error;
}

int magic__parse_number(struct magic__parser *p, uint32_t *ret)
{
    size_t len = float_len(p);

    return len ? parse_float(p, len, ret) : parse_integer(p, ret);
}

/* Value of the escape behind a backslash at *text; -1 if it is none. */
static int escape_next(const char **text, const char *end)
{
    static const char names[] = "n\nt\tr\ra\ab\bf\fv\v\\\\'\'\"\"?\?e\033";
    const char *c = *text;
    int value = 0, n;
    size_t i;

    if (c == end)
        return -1;
    for (i = 0; names[i]; i += 2)
        if (*c == names[i]) {
            *text = c + 1;
            return (unsigned char) names[i + 1];
        }
    if (*c == 'x') {
        for (c++, n = 0; n < 2 && c < end && digit_value(*c) < 16; n++)
            value = value * 16 + digit_value(*c++);
    } else {
        for (n = 0; n < 3 && c < end && digit_value(*c) < 8; n++)
            value = value * 8 + digit_value(*c++);
    }
    *text = c;
    return n == 0 || value > 255 ? -1 : value;
}

unsigned char magic__literal_next(const char **text, const char *end)
{
    const char *c = (*text)++;

    if (*c != '\\')
        return (unsigned char) *c;
    return (unsigned char) escape_next(text, end);
}

int magic__parse_char(struct magic__parser *p, uint32_t *ret)
{
    const char *c = p->pos + 1;
    int value;

    if (c == p->end || *c == '\'')
        return magic__syntax_error(p, "bad character");
    if (*c == '\\') {
        c++;
        value = escape_next(&c, p->end);
    } else {
        value = (unsigned char) *c++;
    }
    if (value < 0 || c >= p->end || *c != '\'')
        return magic__syntax_error(p, "bad character");
    p->pos = c + 1;
    return magic__build_int(p, MAGIC__T_INT, (uint64_t) (int64_t) (signed char) value, ret);
}

int magic__parse_string(struct magic__parser *p, uint32_t *ret)
{
    const char *begin = p->pos + 1, *c = begin;
    int error;

    while (c < p->end && *c != '"') {
        if (*c++ != '\\')
            continue;
        if (escape_next(&c, p->end) < 0)
            return magic__syntax_error(p, "bad string");
    }
    if (c >= p->end)
        return magic__syntax_error(p, "bad string");
    error = magic__new_node(p, MAGIC__OP_STRING, magic__builtin_type(MAGIC__T_CHAR), ret);
    if (error)
        return error;
    p->program->nodes[*ret].type.stars = 1;
    p->program->nodes[*ret].as.text = begin;
    p->program->nodes[*ret].len = (uint32_t) (c - begin);
    p->pos = c + 1;
    return 0;
}
