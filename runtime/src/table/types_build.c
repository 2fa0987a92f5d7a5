/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From merged raw types to the table's types, linked by pointers.
 */
#include <string.h>

#include "table/reader.h"

const struct magic_type *magic__type_of(const struct magic__reader *rd, uint32_t raw)
{
    return &rd->built[rd->raw[rd->raw[raw].same_as].id];
}

struct magic_type *magic__add_type(struct magic__reader *rd, enum magic_type_kind kind)
{
    struct magic_type *type = &rd->built[rd->n_built];

    type->id = (uint32_t) rd->n_built++;
    type->kind = kind;
    type->name = type->typedef_name = type->file = type->attrs = "";
    return type;
}

static const struct magic_type *type_or_void(const struct magic__reader *rd, uint32_t raw)
{
    return raw == MAGIC__NONE ? rd->void_type : magic__type_of(rd, raw);
}

static int has_target(enum magic_type_kind kind)
{
    return kind == MAGIC_KIND_ENUM || kind == MAGIC_KIND_POINTER || kind == MAGIC_KIND_ARRAY ||
           kind == MAGIC_KIND_FUNCTION || kind == MAGIC_KIND_TYPEDEF;
}

static int build_members(
    struct magic__reader *rd, const struct magic__raw_type *raw, struct magic_type *type)
{
    struct magic_member *members = magic_arena_array(rd->arena, type->count, sizeof(*members));
    uint32_t i;

    if (!members)
        return magic__no_memory(rd);
    for (i = 0; i < type->count; i++) {
        const struct magic__raw_entry *entry = &rd->entries[raw->first_entry + i];

        members[i].name = entry->name;
        members[i].type = magic__type_of(rd, entry->type);
        members[i].bit_offset = entry->value;
        members[i].bit_size = entry->bit_size;
        members[i].attrs = entry->attrs;
    }
    type->members = members;
    return 0;
}

static int build_enumerators(
    struct magic__reader *rd, const struct magic__raw_type *raw, struct magic_type *type)
{
    struct magic_enumerator *values = magic_arena_array(rd->arena, type->count, sizeof(*values));
    uint32_t i;

    if (!values)
        return magic__no_memory(rd);
    for (i = 0; i < type->count; i++) {
        values[i].name = rd->entries[raw->first_entry + i].name;
        values[i].value = (int64_t) rd->entries[raw->first_entry + i].value;
    }
    type->enumerators = values;
    return 0;
}

static int build_params(
    struct magic__reader *rd, const struct magic__raw_type *raw, struct magic_type *type)
{
    const struct magic_type **params = magic_arena_array(rd->arena, type->count, sizeof(*params));
    uint32_t i;

    if (!params)
        return magic__no_memory(rd);
    for (i = 0; i < type->count; i++)
        params[i] = type_or_void(rd, rd->entries[raw->first_entry + i].type);
    type->params = params;
    return 0;
}

static int build_type(struct magic__reader *rd, const struct magic__raw_type *raw)
{
    struct magic_type *type = &rd->built[raw->id];

    type->id = raw->id;
    type->kind = raw->rec.kind;
    type->flags = raw->rec.flags;
    type->hash = raw->rec.hash;
    type->size = raw->rec.size;
    type->align = raw->rec.align;
    type->nelems = raw->rec.nelems;
    type->name = raw->name;
    type->typedef_name = raw->alias;
    type->count = raw->rec.count;
    type->file = raw->file;
    type->attrs = raw->attrs;
    type->line = raw->rec.line;
    type->addr = raw->addr;
    if (has_target(type->kind))
        type->target = type_or_void(rd, raw->target);
    switch (type->kind) {
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
        return build_members(rd, raw, type);
    case MAGIC_KIND_ENUM:
        return build_enumerators(rd, raw, type);
    case MAGIC_KIND_FUNCTION:
        return build_params(rd, raw, type);
    default:
        return 0;
    }
}

/* The void that a missing target means: the image's own, or one more. */
static void find_void(struct magic__reader *rd)
{
    size_t i;

    for (i = 0; i < rd->n_raw && !rd->void_type; i++)
        if (rd->raw[i].rec.kind == MAGIC_KIND_VOID)
            rd->void_type = magic__type_of(rd, (uint32_t) i);
    if (!rd->void_type)
        rd->void_type = magic__add_type(rd, MAGIC_KIND_VOID);
}

/* Each variable without a type may need an opaque type of its own size. */
static int count_untyped(struct magic__reader *rd, size_t *ret)
{
    struct magic_var_rec rec;
    size_t n, i;
    int error = magic__section_count(rd, &rd->vars, sizeof(rec), &n);

    *ret = 0;
    for (i = 0; i < n && !error; i++) {
        memcpy(&rec, magic__view_bytes(rd->view, rd->vars.start + i * sizeof(rec), sizeof(rec)),
            sizeof(rec));
        *ret += rec.type == 0;
    }
    return error;
}

static int build_record_index(struct magic__reader *rd)
{
    uint64_t *addrs = magic_arena_array(rd->arena, rd->n_raw, sizeof(*addrs));
    const struct magic_type **types = magic_arena_array(rd->arena, rd->n_raw, sizeof(*types));
    size_t i;

    if (!addrs || !types)
        return magic__no_memory(rd);
    for (i = 0; i < rd->n_raw; i++) {
        addrs[i] = rd->raw[i].addr;
        types[i] = magic__type_of(rd, (uint32_t) i);
    }
    rd->table->n_recs = rd->n_raw;
    rd->table->rec_addrs = addrs;
    rd->table->rec_types = types;
    return 0;
}

int magic__build_types(struct magic__reader *rd)
{
    size_t i, n_untyped;
    int error = count_untyped(rd, &n_untyped);

    if (error)
        return error;
    rd->built = magic_arena_array(rd->arena, rd->n_built + 1 + n_untyped, sizeof(*rd->built));
    if (!rd->built)
        return magic__no_memory(rd);
    find_void(rd);
    for (i = 0; i < rd->n_raw && !error; i++)
        if (rd->raw[i].same_as == i)
            error = build_type(rd, &rd->raw[i]);
    return error ? error : build_record_index(rd);
}
