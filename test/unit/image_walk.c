/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The promises of magic/table.h as code.
 */
#include "image_walk.h"

#include <stdlib.h>
#include <string.h>

#include "table/valid.h"

/* Lookups by name are linear in entities of that name, so only some are tried. */
#define LOOKUPS 64

static void require(int holds)
{
    if (!holds)
        abort();
}

static unsigned walk_entries(const struct magic_table *table, const struct magic_type *type)
{
    unsigned sum = 0;
    uint32_t i;

    for (i = 0; i < type->count; i++) {
        if (type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION) {
            const struct magic_member *m = &type->members[i];
            uint64_t bits = m->bit_size ? m->bit_size : m->type->size * 8;

            require(m->bit_offset <= type->size * 8 && bits <= type->size * 8 - m->bit_offset);
            require(m->type >= table->types && m->type < table->types + table->n_types);
            sum += (unsigned) strlen(m->name);
        } else if (type->kind == MAGIC_KIND_ENUM) {
            int64_t value;

            if (i >= LOOKUPS)
                break;
            sum += (unsigned) magic_table_find_enumerator(
                table, type->enumerators[i].name, strlen(type->enumerators[i].name), &value, NULL);
        } else {
            require(type->kind == MAGIC_KIND_FUNCTION && type->params[i]);
        }
    }
    return sum;
}

static unsigned walk_type(const struct magic_table *table, const struct magic_type *type)
{
    unsigned sum =
        (unsigned) (strlen(type->name) + strlen(type->typedef_name) + strlen(type->file));
    char spelled[200];

    require(type == &table->types[type->id] && type->kind <= MAGIC_KIND_TYPEDEF);
    require((type->align & (type->align - 1)) == 0);
    require(magic_type_strip(type)->kind != MAGIC_KIND_TYPEDEF);
    switch (type->kind) {
    case MAGIC_KIND_ARRAY:
        require(type->size >= type->nelems * type->target->size);
        break;
    case MAGIC_KIND_POINTER:
    case MAGIC_KIND_ENUM:
    case MAGIC_KIND_FUNCTION:
    case MAGIC_KIND_TYPEDEF:
        require(type->target != NULL);
        break;
    default:
        require(type->target == NULL);
        break;
    }
    sum += (unsigned) strlen(magic_type_spell(type, spelled, sizeof(spelled)));
    return sum + walk_entries(table, type);
}

static unsigned walk_var(const struct magic_table *table, const struct magic_var *var)
{
    const struct magic_var *found;

    require(var->id == (size_t) (var - table->vars) && var->size >= var->type->size);
    require(var->addr >= table->lo && var->addr <= table->hi);
    if (!(var->flags & MAGIC_VAR_TLS) && var->size) {
        require(var->size <= table->hi - var->addr);
        found = magic_table_var_at(table, var->addr);
        require(found && var->addr - found->addr < found->size);
        require(magic_table_var_at(table, var->addr + var->size - 1) != NULL);
    }
    if (var->id < LOOKUPS)
        (void) !magic_table_find_var(table, var->key, strlen(var->key), &found, NULL);
    return (unsigned) (strlen(var->scope) + strlen(var->file));
}

static unsigned walk_func(const struct magic_table *table, const struct magic_func *func)
{
    const struct magic_func *found;

    require(magic_table_func_at(table, func->addr) == func);
    require(!func->type || magic_type_strip(func->type)->kind == MAGIC_KIND_FUNCTION);
    if (func->id < LOOKUPS)
        (void) !magic_table_find_func(table, func->key, strlen(func->key), &found, NULL);
    return (unsigned) strlen(func->file);
}

unsigned image_walk(const struct magic_table *table)
{
    unsigned sum = 0;
    size_t i;

    require(magic__table_is_valid(table, NULL));
    for (i = 0; i < table->n_types; i++)
        sum += walk_type(table, &table->types[i]);
    for (i = 0; i < table->n_vars; i++)
        sum += walk_var(table, &table->vars[i]);
    for (i = 0; i < table->n_funcs; i++)
        sum += walk_func(table, &table->funcs[i]);
    for (i = 0; i < table->n_sites; i++) {
        const struct magic_site *site = &table->sites[i];

        require(!site->type || site->elem_size == site->type->size);
        sum += (unsigned) (strlen(site->function) + strlen(site->receiver) + strlen(site->callee) +
                           strlen(site->file) + strlen(site->reason));
    }
    return sum;
}
