/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Types in C spelling: what stands left of the declared name, the name, what stands right of it.
 *
 * Pointer, array and function types nest without a name between them, so a hostile image can chain
 * them into a circle; the depth limit ends such a spelling with "...".
 */
#include "table/spell.h"

#include <stdio.h>
#include <string.h>

#define MAX_DEPTH 32

struct out {
    char *buf;
    size_t size, len;
};

static void put(struct out *out, const char *text)
{
    size_t n = strlen(text);

    if (out->size == 0)
        return;
    if (n > out->size - 1 - out->len)
        n = out->size - 1 - out->len;
    memcpy(out->buf + out->len, text, n);
    out->len += n;
    out->buf[out->len] = 0;
}

static int is_full(const struct out *out)
{
    return out->len + 1 >= out->size;
}

static void put_right(struct out *out, const struct magic_type *type, unsigned depth);
static void put_left(struct out *out, const struct magic_type *type, unsigned depth);

static int binds_right(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_ARRAY || type->kind == MAGIC_KIND_FUNCTION;
}

static void put_tagged(struct out *out, const struct magic_type *type, const char *keyword)
{
    if (!*type->name && *type->typedef_name) {
        put(out, type->typedef_name);
        return;
    }
    put(out, keyword);
    put(out, " ");
    put(out, *type->name ? type->name : "{...}");
}

static void put_left(struct out *out, const struct magic_type *type, unsigned depth)
{
    if (depth > MAX_DEPTH || is_full(out)) {
        put(out, "...");
        return;
    }
    if ((type->flags & MAGIC_TYPE_ATOMIC) && !binds_right(type) &&
        type->kind != MAGIC_KIND_TYPEDEF && type->kind != MAGIC_KIND_POINTER)
        put(out, "_Atomic ");
    switch (type->kind) {
    case MAGIC_KIND_POINTER:
        put_left(out, type->target, depth + 1);
        if (type->target->kind != MAGIC_KIND_POINTER)
            put(out, " ");
        put(out, binds_right(type->target) ? "(*" : "*");
        break;
    case MAGIC_KIND_ARRAY:
    case MAGIC_KIND_FUNCTION:
        put_left(out, type->target, depth + 1);
        break;
    case MAGIC_KIND_STRUCT:
        put_tagged(out, type, "struct");
        break;
    case MAGIC_KIND_UNION:
        put_tagged(out, type, "union");
        break;
    case MAGIC_KIND_ENUM:
        put_tagged(out, type, "enum");
        break;
    case MAGIC_KIND_VOID:
        put(out, *type->name ? type->name : "void");
        break;
    default:
        put(out, *type->name ? type->name : "<opaque>");
        break;
    }
}

static void put_params(struct out *out, const struct magic_type *type, unsigned depth)
{
    uint32_t i;

    put(out, "(");
    for (i = 0; i < type->count && !is_full(out); i++) {
        put(out, i ? ", " : "");
        put_left(out, type->params[i], depth + 1);
        put_right(out, type->params[i], depth + 1);
    }
    if (type->flags & MAGIC_TYPE_VARIADIC)
        put(out, type->count ? ", ..." : "...");
    else if (type->count == 0)
        put(out, "void");
    put(out, ")");
}

static void put_right(struct out *out, const struct magic_type *type, unsigned depth)
{
    char number[48];

    if (depth > MAX_DEPTH || is_full(out))
        return;
    switch (type->kind) {
    case MAGIC_KIND_POINTER:
        if (binds_right(type->target))
            put(out, ")");
        put_right(out, type->target, depth + 1);
        break;
    case MAGIC_KIND_ARRAY:
        if (type->flags & MAGIC_TYPE_VECTOR)
            snprintf(number, sizeof(number), " __attribute__((vector_size(%llu)))",
                (unsigned long long) type->size);
        else if (type->nelems)
            snprintf(number, sizeof(number), "[%llu]", (unsigned long long) type->nelems);
        else
            snprintf(number, sizeof(number), "[]");
        put(out, number);
        put_right(out, type->target, depth + 1);
        break;
    case MAGIC_KIND_FUNCTION:
        put_params(out, type, depth);
        put_right(out, type->target, depth + 1);
        break;
    default:
        break;
    }
}

const char *magic__type_declare(
    const struct magic_type *type, const char *name, char *buf, size_t size)
{
    struct out out = { .buf = buf, .size = size };

    if (size)
        buf[0] = 0;
    put_left(&out, type, 0);
    if (*name ? out.len && buf[out.len - 1] != '*' : type->kind == MAGIC_KIND_FUNCTION)
        put(&out, " ");
    put(&out, name);
    put_right(&out, type, 0);
    return buf;
}

const char *magic_type_spell(const struct magic_type *type, char *buf, size_t size)
{
    return magic__type_declare(type, "", buf, size);
}

const struct magic_type *magic_type_strip(const struct magic_type *type)
{
    while (type->kind == MAGIC_KIND_TYPEDEF)
        type = type->target;
    return type;
}
