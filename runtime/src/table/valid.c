/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A walk over a whole table: see valid.h.
 *
 * The reader made the table so, and nothing may have written to it since: what is found here is an error
 * of ours, or a stray write of the program. Types come first, since all else refers to them, and a
 * reference is followed when it is known to lead to one of them.
 */
#include <string.h>

#include "table/reader.h"
#include "table/valid.h"

struct walk {
    const struct magic__table *table;
    struct magic_error *err;
};

/* Entry `i` of a list is malformed. */
static bool bad(const struct walk *w, const char *list, size_t i, const char *why)
{
    magic_error_set(w->err, MAGIC_EBADMSTATE, "state table: %s %zu: %s", list, i, why);
    return false;
}

static bool is_type(const struct walk *w, const struct magic_type *type)
{
    return magic__is_element(w->table->pub.types, w->table->pub.n_types, sizeof(*type), type);
}

/* -- types -------------------------------------------------------------------------------- */

static bool has_target(enum magic_type_kind kind)
{
    return kind == MAGIC_KIND_POINTER || kind == MAGIC_KIND_ARRAY || kind == MAGIC_KIND_ENUM ||
           kind == MAGIC_KIND_FUNCTION || kind == MAGIC_KIND_TYPEDEF;
}

static bool is_aggregate(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION;
}

/* What a type refers to, and that typedefs end. */
static bool check_references(const struct walk *w, size_t i)
{
    const struct magic_type *type = &w->table->pub.types[i], *below = type;

    if (type->id != i)
        return bad(w, "type", i, "its number is another one");
    if (type->kind > MAGIC_KIND_TYPEDEF)
        return bad(w, "type", i, "there is no such kind");
    if (!type->name || !type->typedef_name || !type->file || !type->attrs)
        return bad(w, "type", i, "a text is missing");
    if (has_target(type->kind) ? !is_type(w, type->target) : type->target != NULL)
        return bad(w, "type", i, "its target is none of the types");
    for (unsigned n = 0; below->kind == MAGIC_KIND_TYPEDEF; n++) {
        below = below->target;
        if (n == MAGIC_MAX_NESTING || !is_type(w, below))
            return bad(w, "type", i, "the typedef has no end");
    }
    return true;
}

static bool check_members(const struct walk *w, const struct magic_type *type)
{
    const uint64_t whole = type->size * 8;

    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *m = &type->members[i];
        uint64_t bits;

        if (!m->name || !m->attrs)
            return bad(w, "type", type->id, "a text of a member is missing");
        if (!is_type(w, m->type))
            return bad(w, "type", type->id, "the type of a member is none of the types");
        bits = m->bit_size ? m->bit_size : m->type->size * 8;
        if (bits > whole || m->bit_offset > whole - bits)
            return bad(w, "type", type->id, "a member reaches past its end");
    }
    return true;
}

static bool check_entries(const struct walk *w, const struct magic_type *type)
{
    if (is_aggregate(type))
        return check_members(w, type);
    for (uint32_t i = 0; i < type->count; i++) {
        if (type->kind == MAGIC_KIND_ENUM && !type->enumerators[i].name)
            return bad(w, "type", type->id, "an enumerator has no name");
        if (type->kind == MAGIC_KIND_FUNCTION && !is_type(w, type->params[i]))
            return bad(w, "type", type->id, "the type of a parameter is none of the types");
    }
    return true;
}

static bool check_type(const struct walk *w, size_t i)
{
    const struct magic_type *type = &w->table->pub.types[i];
    uint64_t least = 0;

    if (type->align & (type->align - 1))
        return bad(w, "type", i, "its alignment is no power of two");
    if (type->kind == MAGIC_KIND_ARRAY &&
        (__builtin_mul_overflow(type->nelems, type->target->size, &least) || type->size < least))
        return bad(w, "type", i, "its elements reach past its end");
    if (type->kind == MAGIC_KIND_TYPEDEF && type->size != magic_type_strip(type)->size)
        return bad(w, "type", i, "its size is not that of the type it names");
    return check_entries(w, type);
}

static bool check_types(const struct walk *w)
{
    for (size_t i = 0; i < w->table->pub.n_types; i++)
        if (!check_references(w, i))
            return false;
    for (size_t i = 0; i < w->table->pub.n_types; i++)
        if (!check_type(w, i))
            return false;
    return true;
}

/* -- variables, functions, sites ---------------------------------------------------------- */

/* Where the variables that are not thread-local lie: in order, and inside the image. */
static bool check_place(const struct walk *w, size_t i)
{
    const struct magic_table *t = &w->table->pub;
    const struct magic_var *v = &t->vars[i], *cover;
    uint64_t end = v->addr + v->size;

    if (v->addr < t->lo || v->addr > t->hi || v->size > t->hi - v->addr)
        return bad(w, "variable", i, "it lies outside the image");
    if (i && t->vars[i - 1].addr >= v->addr)
        return bad(w, "variable", i, "it is out of order");
    if (w->table->cover[i] > i)
        return bad(w, "variable", i, "what covers it begins behind it");
    cover = &t->vars[w->table->cover[i]];
    if (cover->addr + cover->size < end)
        return bad(w, "variable", i, "another one before it ends later");
    return true;
}

static bool check_vars(const struct walk *w)
{
    const struct magic_table *t = &w->table->pub;

    for (size_t i = 0; i < t->n_vars; i++) {
        const struct magic_var *v = &t->vars[i];

        if (v->id != i)
            return bad(w, "variable", i, "its number is another one");
        if (!v->key || !v->name || !v->scope || !v->file || !v->attrs)
            return bad(w, "variable", i, "a text is missing");
        if (!is_type(w, v->type))
            return bad(w, "variable", i, "its type is none of the types");
        if (v->size < v->type->size)
            return bad(w, "variable", i, "it is smaller than its type");
        if ((i < w->table->n_mapped) != !(v->flags & MAGIC_VAR_TLS))
            return bad(w, "variable", i, "thread-local ones are not the last");
        if (i < w->table->n_mapped && !check_place(w, i))
            return false;
    }
    return true;
}

static bool check_funcs(const struct walk *w)
{
    const struct magic_table *t = &w->table->pub;

    for (size_t i = 0; i < t->n_funcs; i++) {
        const struct magic_func *f = &t->funcs[i];

        if (f->id != i)
            return bad(w, "function", i, "its number is another one");
        if (!f->key || !f->name || !f->file || !f->attrs)
            return bad(w, "function", i, "a text is missing");
        if (f->type && !is_type(w, f->type))
            return bad(w, "function", i, "its type is none of the types");
        if (f->addr < t->lo || f->addr >= t->hi)
            return bad(w, "function", i, "it lies outside the image");
        if (i && t->funcs[i - 1].addr >= f->addr)
            return bad(w, "function", i, "it is out of order");
    }
    return true;
}

static bool check_sites(const struct walk *w)
{
    const struct magic_table *t = &w->table->pub;

    for (size_t i = 0; i < t->n_sites; i++) {
        const struct magic_site *s = &t->sites[i];

        if (s->id != i)
            return bad(w, "site", i, "its number is another one");
        if (!s->function || !s->receiver || !s->callee || !s->file || !s->reason)
            return bad(w, "site", i, "a text is missing");
        if (s->type && !is_type(w, s->type))
            return bad(w, "site", i, "its type is none of the types");
        if (s->type && s->elem_size != s->type->size)
            return bad(w, "site", i, "its element's size is not that of its type");
        if (i && t->sites[i - 1].addr >= s->addr)
            return bad(w, "site", i, "it is out of order");
    }
    return true;
}

/* -- indexes ------------------------------------------------------------------------------ */

static bool check_records(const struct walk *w)
{
    for (size_t i = 0; i < w->table->n_recs; i++) {
        if (!is_type(w, w->table->rec_types[i]))
            return bad(w, "type record", i, "it is none of the types");
        if (i && w->table->rec_addrs[i - 1] >= w->table->rec_addrs[i])
            return bad(w, "type record", i, "it is out of order");
    }
    return true;
}

/* Names in order, and of one name the numbers, so that nothing is there twice. */
static bool check_names(const struct walk *w)
{
    const struct magic__table *t = w->table;
    const uint32_t *vars = t->vars_by_name, *funcs = t->funcs_by_name;
    size_t i;
    int order;

    for (i = 0; i < t->pub.n_vars; i++) {
        order = i && vars[i] < t->pub.n_vars
                    ? strcmp(t->pub.vars[vars[i - 1]].name, t->pub.vars[vars[i]].name)
                    : -1;
        if (vars[i] >= t->pub.n_vars || order > 0 || (order == 0 && vars[i - 1] >= vars[i]))
            return bad(w, "variable by name", i, "it is out of order");
    }
    for (i = 0; i < t->pub.n_funcs; i++) {
        order = i && funcs[i] < t->pub.n_funcs
                    ? strcmp(t->pub.funcs[funcs[i - 1]].name, t->pub.funcs[funcs[i]].name)
                    : -1;
        if (funcs[i] >= t->pub.n_funcs || order > 0 || (order == 0 && funcs[i - 1] >= funcs[i]))
            return bad(w, "function by name", i, "it is out of order");
    }
    for (i = 1; i < t->n_enumerators; i++)
        if (strcmp(t->enumerators[i - 1].name, t->enumerators[i].name) > 0)
            return bad(w, "enumerator by name", i, "it is out of order");
    return true;
}

bool magic__table_is_valid(const struct magic_table *table, struct magic_error *err)
{
    const struct walk w = { (const struct magic__table *) (const void *) table, err };

    if (w.table->n_mapped > table->n_vars)
        return bad(&w, "variable", table->n_vars, "more have places than there are");
    if (table->main < table->lo || table->main >= table->hi)
        return bad(&w, "function", 0, "main lies outside the image");
    return check_types(&w) && check_vars(&w) && check_funcs(&w) && check_sites(&w) &&
           check_records(&w) && check_names(&w);
}
