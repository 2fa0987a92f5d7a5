/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which type of the new version continues which one of the old, by kind and name.
 *
 * Variables and members need no names: their types are compared as they are. Heap objects do, for
 * the type is all that is known of them. Where several types share a name, layout, allocation site
 * and file decide, in this order; else none is taken.
 */
#include <stdlib.h>
#include <string.h>

#include "pair/pair.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* Kind and name agree; a name is what makes a type the same type in the new version. */
static bool same_name(const struct magic_type *a, const struct magic_type *b)
{
    return a->kind == b->kind && a->name[0] && strcmp(a->name, b->name) == 0 &&
           !(b->flags & MAGIC_TYPE_INCOMPLETE);
}

/* Types without a tag are known by their spelling: "int", "char *", "struct x *[4]". */
static bool same_spelling(const struct magic_type *a, const struct magic_type *b)
{
    char x[160], y[160];

    return a->kind == b->kind && !a->name[0] && a->hash == b->hash &&
           strcmp(magic_type_spell(a, x, sizeof(x)), magic_type_spell(b, y, sizeof(y))) == 0;
}

static int by_type_name(const void *a, const void *b)
{
    const struct magic_type *const *x = a, *const *y = b;
    int order = strcmp((*x)->name, (*y)->name);

    return order ? order : ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

/* Note whether types or members have other names: where none has, nobody need look at each. */
static void note_renamed(struct st__pairing *p, const struct magic_table *table)
{
    struct st__text from;

    for (size_t i = 0; i < table->n_types; i++) {
        const struct magic_type *type = &table->types[i];

        p->types_renamed =
            p->types_renamed || st__attr(p, type, type->attrs, "renamed_from", &from);
        for (uint32_t j = 0; type->members && j < type->count && !p->members_renamed; j++)
            p->members_renamed =
                st__attr(p, &type->members[j], type->members[j].attrs, "renamed_from", &from);
    }
}

int st__pair_index_types(struct st__pairing *p)
{
    size_t n = p->nt->n_types;

    p->type_pair = magic_arena_array(p->arena, p->ot->n_types + 1, sizeof(*p->type_pair));
    p->type_looked = magic_arena_array(p->arena, p->ot->n_types + 1, sizeof(*p->type_looked));
    p->new_by_name = magic_arena_array(p->arena, n + 1, sizeof(const struct magic_type *));
    if (!p->type_pair || !p->type_looked || !p->new_by_name)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++)
        p->new_by_name[i] = &p->nt->types[i];
    qsort(p->new_by_name, n, sizeof(const struct magic_type *), by_type_name);
    note_renamed(p, p->ot);
    note_renamed(p, p->nt);
    return 0;
}

/* First of the new types that may have the name. */
static size_t first_named(const struct st__pairing *p, const char *name)
{
    size_t lo = 0, hi = p->nt->n_types;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (strcmp(p->new_by_name[mid]->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool type_renamed(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_type *n)
{
    const struct st__named was = { o, o->attrs, o->name[0] ? o->name : NULL, NULL },
                           is = { n, n->attrs, n->name[0] ? n->name : NULL, NULL };

    return o->kind == n->kind && !(n->flags & MAGIC_TYPE_INCOMPLETE) && st__renamed(p, &was, &is);
}

/* The new type that is said to be the old one renamed. */
static const struct magic_type *search_renamed(
    const struct st__pairing *p, const struct magic_type *o)
{
    for (size_t i = 0; p->types_renamed && i < p->nt->n_types; i++)
        if (type_renamed(p, o, &p->nt->types[i]))
            return &p->nt->types[i];
    return NULL;
}

/* True if the new type of the old one's name is said to be another one renamed. */
static bool is_taken(const struct st__pairing *p, const struct magic_type *n)
{
    struct st__text from;

    if (!p->types_renamed || !st__attr(p, n, n->attrs, "renamed_from", &from))
        return false;
    for (size_t i = 0; i < p->ot->n_types; i++)
        if (type_renamed(p, &p->ot->types[i], n))
            return true;
    return false;
}

static const struct magic_type *search_named(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_type *hint)
{
    const struct magic_type *found = NULL, *in_file = NULL;
    size_t n = 0;

    hint = hint ? magic_type_strip(hint) : NULL;
    for (size_t i = first_named(p, o->name);
        i < p->nt->n_types && strcmp(p->new_by_name[i]->name, o->name) == 0; i++) {
        const struct magic_type *c = p->new_by_name[i];

        if ((!same_name(o, c) && !same_spelling(o, c)) || is_taken(p, c))
            continue;
        if (c == hint || c->hash == o->hash)
            return c;
        if (strcmp(base_name(o->file), base_name(c->file)) == 0)
            in_file = c;
        found = c;
        n++;
    }
    if (n == 0 && hint && hint->kind == o->kind && !o->name[0])
        return hint;
    return n == 1 ? found : in_file;
}

static const struct magic_type *type_search(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_type *hint)
{
    const struct magic_type *renamed = search_renamed(p, o);

    return renamed ? renamed : search_named(p, o, hint);
}

const struct magic_type *st__pair_type(
    struct st__pairing *p, const struct magic_type *o, const struct magic_type *hint)
{
    /* A typedef of an unnamed type gives it its name. */
    if (o->kind == MAGIC_KIND_TYPEDEF) {
        const struct magic_type *inner = magic_type_strip(o), *n;

        if (inner->name[0])
            return st__pair_type(p, inner, hint);
        n = type_search(p, o, hint);
        return n ? magic_type_strip(n) : st__pair_type(p, inner, hint);
    }
    if (!p->type_looked[o->id]) {
        p->type_pair[o->id] = type_search(p, o, hint);
        p->type_looked[o->id] = true;
    }
    return p->type_pair[o->id];
}
