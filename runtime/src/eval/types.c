/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Types of expressions: built-in ones, and what can be done with a type.
 */
#include <stdio.h>
#include <string.h>

#include "eval/eval_internal.h"
#include "table/spell.h"

#define SCALAR(which, k, text, bytes, fl) \
    [which] = { .kind = MAGIC_KIND_##k,   \
        .name = text,                     \
        .typedef_name = "",               \
        .file = "",                       \
        .size = bytes,                    \
        .align = bytes,                   \
        .flags = fl }

static const struct magic_type builtins[] = {
    SCALAR(MAGIC__T_VOID, VOID, "void", 0, 0),
    SCALAR(MAGIC__T_BOOL, INTEGER, "_Bool", 1, MAGIC_TYPE_BOOL | MAGIC_TYPE_UNSIGNED),
    SCALAR(MAGIC__T_CHAR, INTEGER, "char", 1, MAGIC_TYPE_CHAR),
    SCALAR(MAGIC__T_SCHAR, INTEGER, "signed char", 1, MAGIC_TYPE_CHAR),
    SCALAR(MAGIC__T_UCHAR, INTEGER, "unsigned char", 1, MAGIC_TYPE_CHAR | MAGIC_TYPE_UNSIGNED),
    SCALAR(MAGIC__T_SHORT, INTEGER, "short", 2, 0),
    SCALAR(MAGIC__T_USHORT, INTEGER, "unsigned short", 2, MAGIC_TYPE_UNSIGNED),
    SCALAR(MAGIC__T_INT, INTEGER, "int", 4, 0),
    SCALAR(MAGIC__T_UINT, INTEGER, "unsigned int", 4, MAGIC_TYPE_UNSIGNED),
    SCALAR(MAGIC__T_LONG, INTEGER, "long", 8, 0),
    SCALAR(MAGIC__T_ULONG, INTEGER, "unsigned long", 8, MAGIC_TYPE_UNSIGNED),
    SCALAR(MAGIC__T_FLOAT, FLOAT, "float", 4, 0),
    SCALAR(MAGIC__T_DOUBLE, FLOAT, "double", 8, 0),
    SCALAR(MAGIC__T_LDOUBLE, FLOAT, "long double", 16, 0),
};

struct magic__eval_type magic__builtin_type(enum magic__builtin which)
{
    return (struct magic__eval_type) { .base = &builtins[which] };
}

static const struct magic_type *stripped(struct magic__eval_type type)
{
    return magic_type_strip(type.base);
}

static int is_binary128(const struct magic_type *type)
{
    return strcmp(type->name, "__float128") == 0 || strcmp(type->name, "_Float128") == 0;
}

enum magic__eval_class magic__eval_class_of(struct magic__eval_type type)
{
    const struct magic_type *t = stripped(type);

    if (type.stars)
        return MAGIC__POINTER;
    switch (t->kind) {
    case MAGIC_KIND_INTEGER:
    case MAGIC_KIND_ENUM:
        return t->size == 1 || t->size == 2 || t->size == 4 || t->size == 8 ? MAGIC__INT
                                                                            : MAGIC__OBJECT;
    case MAGIC_KIND_FLOAT:
        return !(t->flags & MAGIC_TYPE_COMPLEX) && !is_binary128(t) &&
                       (t->size == 4 || t->size == 8 || t->size == 16)
                   ? MAGIC__FLOAT
                   : MAGIC__OBJECT;
    case MAGIC_KIND_POINTER:
        return MAGIC__POINTER;
    case MAGIC_KIND_ARRAY:
        return MAGIC__ARRAY;
    case MAGIC_KIND_FUNCTION:
        return MAGIC__FUNCTION;
    case MAGIC_KIND_VOID:
        return MAGIC__VOID;
    default:
        return MAGIC__OBJECT;
    }
}

uint64_t magic__eval_size_of(struct magic__eval_type type)
{
    return type.stars ? 8 : stripped(type)->size;
}

struct magic__eval_type magic__eval_target_of(struct magic__eval_type type)
{
    if (type.stars)
        return (struct magic__eval_type) { type.base, type.stars - 1 };
    return (struct magic__eval_type) { stripped(type)->target, 0 };
}

int magic__is_unsigned(struct magic__eval_type type)
{
    const struct magic_type *t = stripped(type);

    if (t->kind == MAGIC_KIND_ENUM && magic_type_strip(t->target)->kind == MAGIC_KIND_INTEGER)
        t = magic_type_strip(t->target);
    return !!(t->flags & (MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL));
}

int magic__is_bool(struct magic__eval_type type)
{
    return type.stars == 0 && stripped(type)->kind == MAGIC_KIND_INTEGER &&
           (stripped(type)->flags & MAGIC_TYPE_BOOL);
}

const char *magic__eval_spell(struct magic__eval_type type, char *buf, size_t size)
{
    char stars[MAGIC__EVAL_DEPTH + 4] = "";
    size_t n = type.stars < MAGIC__EVAL_DEPTH ? type.stars : MAGIC__EVAL_DEPTH;
    int group =
        n && (type.base->kind == MAGIC_KIND_ARRAY || type.base->kind == MAGIC_KIND_FUNCTION);

    memset(stars + group, '*', n);
    if (group) {
        stars[0] = '(';
        stars[n + 1] = ')';
    }
    return magic__type_declare(type.base, stars, buf, size);
}
