/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Walking a value by its type.
 *
 * Types of a table nest at most MAGIC_MAX_NESTING deep, but what they hold can be large, so depth,
 * elements and the number of scalars are limited, and each limit shows in the output.
 */
#include "value.h"

#include <string.h>

#include "heap.h"

enum { TEXT_MAX = 256 };

struct walk {
    const struct source *source;
    const struct value_limits *limits;
    struct emit *emit;
    unsigned left; /* scalars that may still be emitted */
};

static void walk_value(struct walk *w, struct magic__eval_value *value);

const char *value_describe(const struct source *source, uint64_t addr, char *buf, size_t size)
{
    uint64_t link_addr = addr - source->env.base;
    const struct magic_func *func = magic_table_func_at(source->table, link_addr);
    const struct magic_var *var = func ? NULL : magic_table_var_at(source->table, link_addr);
    struct heap_object object;
    char spelled[96];
    buf[0] = 0;
    if (addr == 0)
        return buf;
    if (func)
        snprintf(buf, size, "%s", func->key);
    else if (var && link_addr == var->addr)
        snprintf(buf, size, "%s", var->key);
    else if (var)
        snprintf(buf, size, "%s+%llu", var->key, (unsigned long long) (link_addr - var->addr));
    else if (source->pid && heap_find(source, addr, &object)) {
        int n = snprintf(buf, size, "heap %s",
            object.type ? magic_type_spell(object.type, spelled, sizeof(spelled)) : "object");
        if (addr != object.addr && n > 0 && (size_t) n < size)
            snprintf(
                buf + n, size - (size_t) n, "+%llu", (unsigned long long) (addr - object.addr));
    }
    return buf;
}

static bool is_char(struct magic__eval_type type)
{
    const struct magic_type *t = magic_type_strip(type.base);
    return type.stars == 0 && t->kind == MAGIC_KIND_INTEGER && (t->flags & MAGIC_TYPE_CHAR);
}

/* Name of an enum's value, or NULL. */
static const char *enumerator_of(const struct magic_type *type, int64_t value)
{
    for (uint32_t i = 0; type->kind == MAGIC_KIND_ENUM && i < type->count; i++)
        if (type->enumerators[i].value == value)
            return type->enumerators[i].name;
    return NULL;
}

static void walk_integer(struct walk *w, const struct magic__eval_value *value)
{
    const struct magic_type *type = magic_type_strip(value->type.base);
    const char *name = enumerator_of(type, (int64_t) value->as.u);
    if (name)
        emit_symbol(w->emit, name, (int64_t) value->as.u);
    else
        emit_integer(
            w->emit, value->as.u, value->as.u > INT64_MAX && (type->flags & MAGIC_TYPE_UNSIGNED));
}

/* The characters of a char array or at a char pointer: as in C, and plain. False: not readable. */
static bool read_text(
    struct walk *w, const struct magic__eval_value *array, char *spelled, char plain[TEXT_MAX + 1])
{
    size_t n = magic__eval_size_of(array->type);
    if (magic__eval_to_text(&w->source->env, array, spelled, 4 * TEXT_MAX + 16, NULL) != 0)
        return false;
    if (n > TEXT_MAX)
        n = TEXT_MAX;
    memset(plain, 0, TEXT_MAX + 1);
    /* One by one, since an array behind a char pointer may reach past readable memory. */
    for (size_t i = 0; i < n; i++)
        if (w->source->env.read(w->source->env.ctx, array->addr + i, plain + i, 1) != 0 ||
            plain[i] == 0)
            break;
    return true;
}

static void walk_pointer(struct walk *w, const struct magic__eval_value *value)
{
    const struct magic_type array = {
        .kind = MAGIC_KIND_ARRAY,
        .size = TEXT_MAX,
        .nelems = TEXT_MAX,
        .name = "",
        .target = magic__eval_target_of(value->type).base,
    };
    struct magic__eval_value text = {
        .type = { &array, 0 },
        .cls = MAGIC__ARRAY,
        .has_addr = 1,
        .addr = value->as.u,
    };
    char to[512], spelled[4 * TEXT_MAX + 16] = "", plain[TEXT_MAX + 1] = "";
    value_describe(w->source, value->as.u, to, sizeof(to));
    if (value->as.u && is_char(magic__eval_target_of(value->type)) &&
        !read_text(w, &text, spelled, plain))
        spelled[0] = 0;
    emit_pointer(w->emit, value->as.u, to, w->emit->out ? spelled : plain);
}

/* One element or member at an address. */
static void walk_part(struct walk *w, struct magic__eval_value *part)
{
    struct magic_error err;
    if (magic__eval_load(&w->source->env, part, &err) != 0)
        emit_note(w->emit, "cannot be read");
    else
        walk_value(w, part);
}

static void walk_array(struct walk *w, const struct magic__eval_value *value)
{
    const struct magic_type *type = magic_type_strip(value->type.base);
    struct magic__eval_value part = { .type = magic__eval_target_of(value->type) };
    uint64_t size = magic__eval_size_of(part.type), i;
    char spelled[4 * TEXT_MAX + 16], plain[TEXT_MAX + 1];
    if (is_char(part.type)) {
        if (read_text(w, value, spelled, plain))
            emit_text(w->emit, spelled, plain);
        else
            emit_note(w->emit, "cannot be read");
        return;
    }
    if (w->emit->depth >= w->limits->depth ||
        !emit_open(w->emit, true, magic__eval_class_of(part.type) > MAGIC__POINTER)) {
        emit_note(w->emit, "...");
        return;
    }
    for (i = 0; i < type->nelems && i < w->limits->elements && w->left; i++) {
        part.addr = value->addr + i * size;
        walk_part(w, &part);
    }
    if (i < type->nelems)
        emit_note(w->emit, "...");
    emit_close(w->emit);
}

static void walk_members(struct walk *w, const struct magic__eval_value *value)
{
    const struct magic_type *type = magic_type_strip(value->type.base);
    if (w->emit->depth >= w->limits->depth || !emit_open(w->emit, false, true)) {
        emit_note(w->emit, "...");
        return;
    }
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *member = &type->members[i];
        struct magic__eval_value part = {
            .type = { member->type, 0 },
            .addr = value->addr + member->bit_offset / 8,
            .bit_shift = member->bit_offset % 8,
            .bit_size = (uint8_t) member->bit_size,
        };
        emit_key(w->emit, *member->name ? member->name : "(anonymous)");
        if (w->left == 0) {
            emit_note(w->emit, "...");
            break;
        }
        walk_part(w, &part);
    }
    emit_close(w->emit);
}

static void walk_value(struct walk *w, struct magic__eval_value *value)
{
    const struct magic_type *type = magic_type_strip(value->type.base);
    char note[64];
    if (w->left)
        w->left--;
    switch (value->cls) {
    case MAGIC__INT:
        walk_integer(w, value);
        return;
    case MAGIC__FLOAT:
        emit_real(w->emit, value->as.f);
        return;
    case MAGIC__POINTER:
        walk_pointer(w, value);
        return;
    case MAGIC__ARRAY:
        walk_array(w, value);
        return;
    default:
        break;
    }
    if (type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION) {
        walk_members(w, value);
        return;
    }
    snprintf(note, sizeof(note), "%llu opaque bytes", (unsigned long long) type->size);
    emit_note(w->emit, note);
}

void value_emit(const struct source *source, const struct magic__eval_value *value,
    const struct value_limits *limits, struct emit *emit)
{
    struct walk w = { source, limits, emit, limits->total };
    struct magic__eval_value copy = *value;
    walk_value(&w, &copy);
}

void value_emit_var(const struct source *source, const struct magic_var *var,
    const struct value_limits *limits, struct emit *emit)
{
    struct magic__eval_value value = {
        .type = { var->type, 0 },
        .addr = source->env.base + var->addr,
    };
    struct magic_error err;
    if (var->flags & MAGIC_VAR_TLS)
        emit_note(emit, "thread-local");
    else if (magic__eval_load(&source->env, &value, &err) != 0)
        emit_note(emit, "cannot be read");
    else
        value_emit(source, &value, limits, emit);
}
