/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sections as JSON. Addresses are text ("0x..."), since JSON numbers lose bits in many readers.
 */
#include "dump.h"
#include "json.h"

static json_t *type_spelled(const struct magic_type *type)
{
    char spelled[512];
    return json_text(magic_type_spell(type, spelled, sizeof(spelled)));
}

static json_t *hex_text(uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "0x%llx", (unsigned long long) value);
    return json_string(text);
}

static void put_place(json_t *object, const char *file, uint32_t line)
{
    if (!*file)
        return;
    json_object_set_new(object, "file", json_text(file));
    json_object_set_new(object, "line", json_integer(line));
}

static void put_members(json_t *object, const struct magic_type *type)
{
    json_t *members = json_array();
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *member = &type->members[i];
        json_t *item = json_pack("{s:o, s:o, s:I}", "name", json_text(member->name), "type",
            type_spelled(member->type), "offset", (json_int_t) (member->bit_offset / 8));
        if (member->bit_size) {
            json_object_set_new(item, "bit", json_integer((json_int_t) (member->bit_offset % 8)));
            json_object_set_new(item, "bits", json_integer(member->bit_size));
        }
        json_array_append_new(members, item);
    }
    json_object_set_new(object, "members", members);
}

static void put_enumerators(json_t *object, const struct magic_type *type)
{
    json_t *enumerators = json_array();
    for (uint32_t i = 0; i < type->count; i++)
        json_array_append_new(
            enumerators, json_pack("{s:o, s:I}", "name", json_text(type->enumerators[i].name),
                             "value", (json_int_t) type->enumerators[i].value));
    json_object_set_new(object, "enumerators", enumerators);
}

json_t *dump_type_json(const struct magic_type *type)
{
#define KIND_NAME(name, value) #name,
    static const char *const kinds[] = { MAGIC_TYPE_KINDS(KIND_NAME) };
#undef KIND_NAME
    json_t *object = json_pack("{s:o, s:s, s:I}", "type", type_spelled(type), "kind",
        kinds[type->kind], "size", (json_int_t) type->size);
    put_place(object, type->file, type->line);
    if (type->flags & MAGIC_TYPE_INCOMPLETE)
        json_object_set_new(object, "incomplete", json_true());
    if (type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION)
        put_members(object, type);
    else if (type->kind == MAGIC_KIND_ENUM)
        put_enumerators(object, type);
    else if (type->kind == MAGIC_KIND_TYPEDEF)
        json_object_set_new(object, "target", type_spelled(type->target));
    return object;
}

json_t *dump_types_json(const struct source *source)
{
    json_t *types = json_array();
    for (size_t i = 0; i < source->table->n_types; i++)
        json_array_append_new(types, dump_type_json(&source->table->types[i]));
    return types;
}

json_t *dump_vars_json(const struct source *source, const struct value_limits *limits)
{
    json_t *vars = json_array();
    for (size_t i = 0; i < source->table->n_vars; i++) {
        const struct magic_var *var = &source->table->vars[i];
        struct emit emit = { .out = NULL };
        value_emit_var(source, var, limits, &emit);
        json_t *object = json_pack("{s:o, s:o, s:I, s:b, s:b, s:b, s:o}", "key",
            json_text(var->key), "type", type_spelled(var->type), "size", (json_int_t) var->size,
            "static", !!(var->flags & MAGIC_VAR_STATIC), "tls", !!(var->flags & MAGIC_VAR_TLS),
            "const", !!(var->flags & MAGIC_VAR_CONST), "value", emit.root);
        if (!(var->flags & MAGIC_VAR_TLS))
            json_object_set_new(object, "address", hex_text(source->env.base + var->addr));
        put_place(object, var->file, var->line);
        json_array_append_new(vars, object);
    }
    return vars;
}

json_t *dump_funcs_json(const struct source *source)
{
    json_t *funcs = json_array();
    for (size_t i = 0; i < source->table->n_funcs; i++) {
        const struct magic_func *func = &source->table->funcs[i];
        json_t *object = json_pack("{s:o, s:o, s:b, s:b}", "key", json_text(func->key), "address",
            hex_text(source->env.base + func->addr), "static", !!(func->flags & MAGIC_FUNC_STATIC),
            "address_taken", !!(func->flags & MAGIC_FUNC_ADDRESS_TAKEN));
        if (func->type)
            json_object_set_new(object, "type", type_spelled(func->type));
        put_place(object, func->file, func->line);
        json_array_append_new(funcs, object);
    }
    return funcs;
}

json_t *dump_sites_json(const struct source *source)
{
    json_t *sites = json_array();
    for (size_t i = 0; i < source->table->n_sites; i++) {
        const struct magic_site *site = &source->table->sites[i];
        json_t *object = json_pack("{s:o, s:o, s:o, s:s, s:I, s:I}", "function",
            json_text(site->function), "receiver", json_text(site->receiver), "callee",
            json_text(site->callee), "shape", dump_site_shape(site), "ordinal",
            (json_int_t) site->ordinal, "elem_size", (json_int_t) site->elem_size);
        if (site->type)
            json_object_set_new(object, "type", type_spelled(site->type));
        if (site->flags & MAGIC_SITE_LATE)
            json_object_set_new(object, "late", json_true());
        if (*site->reason)
            json_object_set_new(object, "reason", json_text(site->reason));
        put_place(object, site->file, site->line);
        json_array_append_new(sites, object);
    }
    return sites;
}

json_t *dump_heap_json(const struct heap_summary *heap)
{
    json_t *kinds = json_array();
    for (uint32_t i = 1; i < heap->n; i++) {
        const struct heap_kind *kind = &heap->kinds[i];
        if (kind->objects == 0)
            continue;
        json_t *object = json_pack(
            "{s:I, s:I}", "objects", (json_int_t) kind->objects, "bytes", (json_int_t) kind->bytes);
        if (kind->type)
            json_object_set_new(object, "type", type_spelled(kind->type));
        if (kind->site) {
            json_object_set_new(object, "function", json_text(kind->site->function));
            put_place(object, kind->site->file, kind->site->line);
        }
        json_array_append_new(kinds, object);
    }
    return json_pack("{s:I, s:I, s:o}", "objects", (json_int_t) heap->objects, "bytes",
        (json_int_t) heap->bytes, "kinds", kinds);
}
