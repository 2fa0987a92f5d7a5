/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sections as text: C declarations with what C does not say in comments.
 */
#include <string.h>

#include "dump.h"
#include "table/spell.h"

enum { DECLARATION_MAX = 512, COMMENT_COLUMN = 48 };

const char *dump_site_shape(const struct magic_site *site)
{
    return site->flags & MAGIC_SITE_LEAF     ? "leaf"
           : !site->type                     ? "opaque"
           : site->flags & MAGIC_SITE_SINGLE ? "one"
           : site->flags & MAGIC_SITE_ARRAY  ? "array"
           : site->flags & MAGIC_SITE_TAIL   ? "tail"
                                             : "unknown number";
}

static void put_place(FILE *out, const char *file, uint32_t line)
{
    if (*file)
        fprintf(out, ", %s:%u", file, line);
}

static void put_members(FILE *out, const struct magic_type *type)
{
    char declared[DECLARATION_MAX];
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *member = &type->members[i];
        int n = fprintf(out, "    %s",
            magic__type_declare(member->type, member->name, declared, sizeof(declared)));
        if (member->bit_size)
            n += fprintf(out, " : %u", member->bit_size);
        n += fprintf(out, ";");
        fprintf(out, "%*s/* %llu", n < COMMENT_COLUMN ? COMMENT_COLUMN - n : 1, "",
            (unsigned long long) (member->bit_offset / 8));
        if (member->bit_size)
            fprintf(out, ", bit %llu", (unsigned long long) (member->bit_offset % 8));
        fputs(" */\n", out);
    }
}

static void put_tagged(FILE *out, const struct magic_type *type)
{
    const char *keyword = type->kind == MAGIC_KIND_STRUCT  ? "struct"
                          : type->kind == MAGIC_KIND_UNION ? "union"
                                                           : "enum";
    fprintf(out, "%s%s%s%s", *type->typedef_name ? "typedef " : "", keyword, *type->name ? " " : "",
        type->name);
    if (type->flags & MAGIC_TYPE_INCOMPLETE) {
        fputs(";  /* incomplete */\n", out);
        return;
    }
    fprintf(out, " {  /* %llu bytes", (unsigned long long) type->size);
    put_place(out, type->file, type->line);
    fputs(" */\n", out);
    if (type->kind != MAGIC_KIND_ENUM)
        put_members(out, type);
    for (uint32_t i = 0; type->kind == MAGIC_KIND_ENUM && i < type->count; i++)
        fprintf(out, "    %s = %lld,\n", type->enumerators[i].name,
            (long long) type->enumerators[i].value);
    fprintf(out, "}%s%s;\n", *type->typedef_name ? " " : "", type->typedef_name);
}

void dump_type_text(FILE *out, const struct magic_type *type)
{
    char declared[DECLARATION_MAX];
    switch (type->kind) {
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
    case MAGIC_KIND_ENUM:
        put_tagged(out, type);
        return;
    case MAGIC_KIND_TYPEDEF:
        fprintf(out, "typedef %s;",
            magic__type_declare(type->target, type->name, declared, sizeof(declared)));
        break;
    default:
        fprintf(out, "%s", magic_type_spell(type, declared, sizeof(declared)));
        break;
    }
    fprintf(out, "  /* %llu bytes", (unsigned long long) type->size);
    put_place(out, type->file, type->line);
    fputs(" */\n", out);
}

/* Types that have a declaration of their own; all others are spelled where they are used, and the
 * typedef that names an anonymous type is part of that type's declaration. */
static bool is_declared(const struct magic_type *type)
{
    if (type->kind == MAGIC_KIND_TYPEDEF && strcmp(type->name, type->target->typedef_name) == 0)
        return false;
    return type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION ||
           type->kind == MAGIC_KIND_ENUM || type->kind == MAGIC_KIND_TYPEDEF;
}

void dump_types_text(FILE *out, const struct source *source)
{
    for (size_t i = 0; i < source->table->n_types; i++)
        if (is_declared(&source->table->types[i]))
            dump_type_text(out, &source->table->types[i]);
}

void dump_vars_text(FILE *out, const struct source *source, const struct value_limits *limits)
{
    char name[DECLARATION_MAX], declared[DECLARATION_MAX];
    for (size_t i = 0; i < source->table->n_vars; i++) {
        const struct magic_var *var = &source->table->vars[i];
        struct emit emit = { .out = out };
        snprintf(name, sizeof(name), "%s%s%s", var->scope, *var->scope ? "::" : "", var->name);
        fprintf(out, "%s%s%s = ", var->flags & MAGIC_VAR_STATIC ? "static " : "",
            var->flags & MAGIC_VAR_TLS ? "_Thread_local " : "",
            magic__type_declare(var->type, name, declared, sizeof(declared)));
        value_emit_var(source, var, limits, &emit);
        fputs(";  /* ", out);
        if (!(var->flags & MAGIC_VAR_TLS))
            fprintf(out, "0x%llx, ", (unsigned long long) (source->env.base + var->addr));
        fprintf(out, "%llu bytes%s", (unsigned long long) var->size,
            var->flags & MAGIC_VAR_CONST ? ", read-only" : "");
        put_place(out, var->file, var->line);
        fputs(" */\n", out);
    }
}

void dump_funcs_text(FILE *out, const struct source *source)
{
    char declared[DECLARATION_MAX];
    for (size_t i = 0; i < source->table->n_funcs; i++) {
        const struct magic_func *func = &source->table->funcs[i];
        if (func->type)
            magic__type_declare(func->type, func->name, declared, sizeof(declared));
        else
            snprintf(declared, sizeof(declared), "%s()", func->name);
        fprintf(out, "%s%s;  /* 0x%llx%s", func->flags & MAGIC_FUNC_STATIC ? "static " : "",
            declared, (unsigned long long) (source->env.base + func->addr),
            func->flags & MAGIC_FUNC_ADDRESS_TAKEN ? ", address taken" : "");
        put_place(out, func->file, func->line);
        fputs(" */\n", out);
    }
}

void dump_sites_text(FILE *out, const struct source *source)
{
    char spelled[DECLARATION_MAX];
    for (size_t i = 0; i < source->table->n_sites; i++) {
        const struct magic_site *site = &source->table->sites[i];
        fprintf(out, "%s:%u: %s(): %s%s%s(): ", site->file, site->line, site->function,
            site->receiver, *site->receiver ? " = " : "", site->callee);
        if (site->type)
            fprintf(out, "%s, ", magic_type_spell(site->type, spelled, sizeof(spelled)));
        fprintf(out, "%s%s\n", dump_site_shape(site),
            site->flags & MAGIC_SITE_LATE ? ", if it allocates" : "");
    }
}

void dump_heap_text(FILE *out, const struct heap_summary *heap)
{
    char spelled[DECLARATION_MAX];
    fprintf(out, "%12s %14s  %s\n", "objects", "bytes", "type, site");
    for (uint32_t i = 1; i < heap->n; i++) {
        const struct heap_kind *kind = &heap->kinds[i];
        if (kind->objects == 0)
            continue;
        fprintf(out, "%12llu %14llu  %s", (unsigned long long) kind->objects,
            (unsigned long long) kind->bytes,
            kind->type ? magic_type_spell(kind->type, spelled, sizeof(spelled)) : "opaque");
        if (kind->site)
            fprintf(out, ", %s:%u %s()", kind->site->file, kind->site->line, kind->site->function);
        fputc('\n', out);
    }
    fprintf(out, "%12llu %14llu  all\n", (unsigned long long) heap->objects,
        (unsigned long long) heap->bytes);
}
