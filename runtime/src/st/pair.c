/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pairing: which entity of the new version continues which one of the old.
 *
 * External names pair by name. Statics pair by name, function and file; a file that was moved or
 * renamed still pairs when its base name, or the variable's name alone, leaves one candidate.
 * Two candidates are an error that names both, never a guess by order. Types pair by kind and
 * name, and where several share a name, by what their sites or layouts say.
 *
 * Source: pairing rules of magic_st.c; differs: no ordinals, no path hashes.
 */
#include <stdlib.h>
#include <string.h>

#include "st/transfer.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/* -- a sorted index of names -------------------------------------------------------------- */

struct name_index {
    const char *name;
    uint32_t id;
};

static int by_name(const void *a, const void *b)
{
    const struct name_index *x = a, *y = b;
    int order = strcmp(x->name, y->name);

    return order ? order : (x->id > y->id) - (x->id < y->id);
}

/* First entry of a name, and the end of its run. */
static size_t name_run(const struct name_index *index, size_t n, const char *name, size_t *end)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (strcmp(index[mid].name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (*end = lo; *end < n && strcmp(index[*end].name, name) == 0; ++*end)
        ;
    return lo;
}

/* -- variables ---------------------------------------------------------------------------- */

/* True if the table has variables of a source file with this base name. */
static bool has_file(const struct magic_table *table, const char *file)
{
    for (size_t i = 0; i < table->n_vars; i++)
        if (strcmp(base_name(table->vars[i].file), base_name(file)) == 0)
            return true;
    return false;
}

/* How well two variables of one name agree: 0 not at all, else more is better. A static goes over
 * to another file only if its own is gone. */
static int var_rank(
    const struct st__transfer *t, const struct magic_var *o, const struct magic_var *n)
{
    bool o_static = o->flags & MAGIC_VAR_STATIC, n_static = n->flags & MAGIC_VAR_STATIC;

    if (strcmp(o->scope, n->scope) != 0)
        return 0;
    if (!o_static && !n_static)
        return 4;
    if (strcmp(o->file, n->file) == 0)
        return o_static == n_static ? 3 : 2;
    if (o_static != n_static || strcmp(base_name(o->file), base_name(n->file)) == 0)
        return 2;
    return has_file(t->nt, o->file) ? 0 : 1;
}

static int ambiguous(struct st__transfer *t, const struct magic_var *o, const struct magic_var *a,
    const struct magic_var *b)
{
    t->subject = (struct st__subject) { .var = o };
    return st__fail(t, MAGIC_EAMBIGUOUS, NULL, o->type,
        "could be continued by %s (%s:%u) or by %s (%s:%u)", a->key, a->file, a->line, b->key,
        b->file, b->line);
}

static int pair_var(
    struct st__transfer *t, const struct magic_var *o, const struct name_index *index, size_t n)
{
    const struct magic_var *best = NULL, *other = NULL;
    size_t end, i = name_run(index, n, o->name, &end);
    int best_rank = 0;

    for (; i < end; i++) {
        const struct magic_var *v = &t->nt->vars[index[i].id];
        int rank = var_rank(t, o, v);

        if (rank > best_rank) {
            best = v;
            other = NULL;
            best_rank = rank;
        } else if (rank && rank == best_rank) {
            other = v;
        }
    }
    if (other && !(o->flags & MAGIC_VAR_ANONYMOUS))
        return ambiguous(t, o, best, other);
    t->var_pair[o->id] = other ? NULL : best;
    return 0;
}

/* A new variable continues one old one; if two claim it, only the better match keeps it. */
static int settle_claims(struct st__transfer *t)
{
    const struct magic_var **claimed;

    claimed = magic_arena_array(&t->arena, t->nt->n_vars + 1, sizeof(*claimed));
    if (!claimed)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < t->ot->n_vars; i++) {
        const struct magic_var *o = &t->ot->vars[i], *n = t->var_pair[o->id], *rival;

        if (!n)
            continue;
        rival = claimed[n->id];
        if (rival && var_rank(t, rival, n) == var_rank(t, o, n) && !(o->flags & MAGIC_VAR_CONST))
            return ambiguous(t, n, rival, o);
        if (rival && var_rank(t, rival, n) >= var_rank(t, o, n)) {
            t->var_pair[o->id] = NULL;
            continue;
        }
        if (rival)
            t->var_pair[rival->id] = NULL;
        claimed[n->id] = o;
    }
    for (size_t i = 0; i < t->nt->n_vars; i++)
        t->stats->vars_added += !claimed[i];
    t->var_from = claimed;
    return 0;
}

static int pair_vars(struct st__transfer *t)
{
    size_t n = t->nt->n_vars;
    struct name_index *index = magic_arena_array(&t->arena, n + 1, sizeof(*index));

    t->var_pair = magic_arena_array(&t->arena, t->ot->n_vars + 1, sizeof(*t->var_pair));
    if (!index || !t->var_pair)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++)
        index[i] = (struct name_index) { t->nt->vars[i].name, t->nt->vars[i].id };
    qsort(index, n, sizeof(*index), by_name);
    for (size_t i = 0; i < t->ot->n_vars; i++) {
        int err = pair_var(t, &t->ot->vars[i], index, n);

        if (err)
            return err;
    }
    return settle_claims(t);
}

/* -- functions ---------------------------------------------------------------------------- */

static int func_rank(const struct magic_func *o, const struct magic_func *n)
{
    if (!((o->flags | n->flags) & MAGIC_FUNC_STATIC))
        return 4;
    if (strcmp(o->file, n->file) == 0)
        return 3;
    return strcmp(base_name(o->file), base_name(n->file)) == 0 ? 2 : 1;
}

/* Two equally good successors leave a function without one: that matters only if live state
 * points to it, and is then reported there. */
static int pair_funcs(struct st__transfer *t)
{
    size_t n = t->nt->n_funcs;
    struct name_index *index = magic_arena_array(&t->arena, n + 1, sizeof(*index));

    t->func_pair = magic_arena_array(&t->arena, t->ot->n_funcs + 1, sizeof(*t->func_pair));
    if (!index || !t->func_pair)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++)
        index[i] = (struct name_index) { t->nt->funcs[i].name, t->nt->funcs[i].id };
    qsort(index, n, sizeof(*index), by_name);
    for (size_t i = 0; i < t->ot->n_funcs; i++) {
        const struct magic_func *o = &t->ot->funcs[i];
        size_t end, at = name_run(index, n, o->name, &end);
        int best = 0;

        for (; at < end; at++) {
            const struct magic_func *f = &t->nt->funcs[index[at].id];
            int rank = func_rank(o, f);

            if (rank >= best)
                t->func_pair[o->id] = rank > best ? f : NULL;
            best = rank > best ? rank : best;
        }
    }
    return 0;
}

/* -- types -------------------------------------------------------------------------------- */

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

static int index_types(struct st__transfer *t)
{
    size_t n = t->nt->n_types;

    t->type_pair = magic_arena_array(&t->arena, t->ot->n_types + 1, sizeof(*t->type_pair));
    t->type_looked = magic_arena_array(&t->arena, t->ot->n_types + 1, sizeof(*t->type_looked));
    t->new_by_name = magic_arena_array(&t->arena, n + 1, sizeof(const struct magic_type *));
    if (!t->type_pair || !t->type_looked || !t->new_by_name)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++)
        t->new_by_name[i] = &t->nt->types[i];
    qsort(t->new_by_name, n, sizeof(const struct magic_type *), by_type_name);
    return 0;
}

/* First of the new types that may have the name. */
static size_t first_named(const struct st__transfer *t, const char *name)
{
    size_t lo = 0, hi = t->nt->n_types;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (strcmp(t->new_by_name[mid]->name, name) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static const struct magic_type *type_search(
    const struct st__transfer *t, const struct magic_type *o, const struct magic_type *hint)
{
    const struct magic_type *found = NULL, *in_file = NULL;
    size_t n = 0;

    hint = hint ? magic_type_strip(hint) : NULL;
    for (size_t i = first_named(t, o->name);
        i < t->nt->n_types && strcmp(t->new_by_name[i]->name, o->name) == 0; i++) {
        const struct magic_type *c = t->new_by_name[i];

        if (!same_name(o, c) && !same_spelling(o, c))
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

const struct magic_type *st__pair_type(
    struct st__transfer *t, const struct magic_type *o, const struct magic_type *hint)
{
    /* A typedef of an unnamed type gives it its name. */
    if (o->kind == MAGIC_KIND_TYPEDEF) {
        const struct magic_type *inner = magic_type_strip(o), *n;

        if (inner->name[0])
            return st__pair_type(t, inner, hint);
        n = type_search(t, o, hint);
        return n ? magic_type_strip(n) : st__pair_type(t, inner, hint);
    }
    if (!t->type_looked[o->id]) {
        t->type_pair[o->id] = type_search(t, o, hint);
        t->type_looked[o->id] = true;
    }
    return t->type_pair[o->id];
}

/* -- sites -------------------------------------------------------------------------------- */

const struct magic_site *st__pair_site(struct st__transfer *t, const struct magic_site *o)
{
    const struct magic_site *found = NULL;

    for (size_t i = 0; i < t->nt->n_sites; i++) {
        const struct magic_site *s = &t->nt->sites[i];

        if (strcmp(o->function, s->function) != 0 || strcmp(o->receiver, s->receiver) != 0 ||
            strcmp(o->callee, s->callee) != 0 || o->ordinal != s->ordinal)
            continue;
        if (strcmp(base_name(o->file), base_name(s->file)) == 0)
            return s;
        found = found ? NULL : s;
    }
    return found;
}

int st__pair(struct st__transfer *t)
{
    int err = pair_vars(t);

    if (!err)
        err = pair_funcs(t);
    return err ? err : index_types(t);
}
