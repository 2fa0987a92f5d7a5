/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pairing: which entity of the new version continues which one of the old.
 *
 * External names pair by name. Statics pair by name, function and file; a file that was moved or
 * renamed still pairs when its base name, or the variable's name alone, leaves one candidate.
 * What a user says was renamed goes before any name. Two candidates are an error that names both,
 * never a guess by order.
 *
 * Source: pairing rules of magic_st.c; differs: no ordinals, no path hashes.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pair/pair.h"

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

/* True if the new version has variables of a source file with this base name. Many variables in turn
 * ask for one file, whose answer is kept. */
static bool has_file(struct st__pairing *p, const char *file)
{
    if (p->file_asked && strcmp(p->file_asked, file) == 0)
        return p->file_found;
    p->file_asked = file;
    p->file_found = false;
    for (size_t i = 0; i < p->nt->n_vars && !p->file_found; i++)
        p->file_found = strcmp(base_name(p->nt->vars[i].file), base_name(file)) == 0;
    return p->file_found;
}

static bool var_renamed(
    const struct st__pairing *p, const struct magic_var *o, const struct magic_var *n)
{
    const struct st__named was = { o, o->attrs, o->name, o->key },
                           is = { n, n->attrs, n->name, n->key };

    return st__renamed(p, &was, &is);
}

enum { RENAMED = 10 };

/* How well two variables of one name agree: 0 not at all, else more is better. A static goes over
 * to another file only if its own is gone. */
static int var_rank(struct st__pairing *p, const struct magic_var *o, const struct magic_var *n)
{
    bool o_static = o->flags & MAGIC_VAR_STATIC, n_static = n->flags & MAGIC_VAR_STATIC;

    if (var_renamed(p, o, n))
        return RENAMED + (strcmp(o->file, n->file) == 0);
    if (strcmp(o->name, n->name) != 0 || strcmp(o->scope, n->scope) != 0)
        return 0;
    if (!o_static && !n_static)
        return 4;
    if (strcmp(o->file, n->file) == 0)
        return o_static == n_static ? 3 : 2;
    if (o_static != n_static || strcmp(base_name(o->file), base_name(n->file)) == 0)
        return 2;
    return has_file(p, o->file) ? 0 : 1;
}

static int fail(struct st__pairing *p, int code, const struct magic_var *v, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static int fail(struct st__pairing *p, int code, const struct magic_var *v, const char *format, ...)
{
    const struct st__subject subject = { .var = v };
    va_list args;

    if (!p->error)
        return code;
    va_start(args, format);
    st__error_set(p->error, code, &subject, NULL, v->type, format, args);
    va_end(args);
    return code;
}

static int keep_clash(struct st__pairing *p, struct st__clash found)
{
    struct st__clash *clash = magic_arena_alloc(p->arena, sizeof(*clash));

    if (!clash)
        return MAGIC_ENOMEM;
    *clash = found;
    clash->next = p->clashes;
    p->clashes = clash;
    return 0;
}

static int two_successors(struct st__pairing *p, const struct magic_var *o,
    const struct magic_var *a, const struct magic_var *b)
{
    if (p->goes_on)
        return keep_clash(p, (struct st__clash) { o, a, b, false, NULL });
    return fail(p, MAGIC_EAMBIGUOUS, o,
        "could be continued by %s (%s:%u) or by %s (%s:%u): say which one with renamed_from=%s",
        a->key, a->file, a->line, b->key, b->file, b->line, o->key);
}

static int two_predecessors(struct st__pairing *p, const struct magic_var *n,
    const struct magic_var *a, const struct magic_var *b)
{
    if (p->goes_on)
        return keep_clash(p, (struct st__clash) { n, a, b, true, NULL });
    return fail(p, MAGIC_EAMBIGUOUS, n,
        "could continue %s (%s:%u) or %s (%s:%u): say which one with renamed_from=NAME", a->key,
        a->file, a->line, b->key, b->file, b->line);
}

/** The best successor of a variable so far, and another one that is as good. */
struct best {
    const struct magic_var *var, *other;
    int rank;
};

static void consider(
    struct st__pairing *p, struct best *best, const struct magic_var *o, const struct magic_var *n)
{
    int rank = var_rank(p, o, n);

    if (rank > best->rank)
        *best = (struct best) { n, NULL, rank };
    else if (rank && rank == best->rank && n != best->var)
        best->other = n;
}

/** New variables by name, and those that a user says were renamed. */
struct candidates {
    struct name_index *by_name;
    size_t n;
    const struct magic_var **renamed;
    size_t n_renamed;
};

static int pair_var(struct st__pairing *p, const struct magic_var *o, const struct candidates *c)
{
    struct best best = { 0 };
    struct st__text from;
    size_t end, i = name_run(c->by_name, c->n, o->name, &end);

    for (; i < end; i++)
        consider(p, &best, o, &p->nt->vars[c->by_name[i].id]);
    for (i = 0; i < c->n_renamed; i++)
        consider(p, &best, o, c->renamed[i]);
    if (st__attr(p, o, o->attrs, "renamed_from", &from))
        for (i = 0; i < c->n; i++)
            consider(p, &best, o, &p->nt->vars[i]);
    if (best.other && !(o->flags & MAGIC_VAR_ANONYMOUS))
        return two_successors(p, o, best.var, best.other);
    p->var_pair[o->id] = best.other ? NULL : best.var;
    return 0;
}

/* A new variable continues one old one; if two claim it, only the better match keeps it. */
static int settle_claims(struct st__pairing *p)
{
    const struct magic_var **claimed;

    claimed = magic_arena_array(p->arena, p->nt->n_vars + 1, sizeof(*claimed));
    if (!claimed)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < p->ot->n_vars; i++) {
        const struct magic_var *o = &p->ot->vars[i], *n = p->var_pair[o->id], *rival;

        if (!n)
            continue;
        rival = claimed[n->id];
        if (rival && var_rank(p, rival, n) == var_rank(p, o, n) && !(o->flags & MAGIC_VAR_CONST)) {
            int err = two_predecessors(p, n, rival, o);

            if (err)
                return err;
        }
        if (rival && var_rank(p, rival, n) >= var_rank(p, o, n)) {
            p->var_pair[o->id] = NULL;
            continue;
        }
        if (rival)
            p->var_pair[rival->id] = NULL;
        claimed[n->id] = o;
    }
    p->var_from = claimed;
    return 0;
}

static int find_candidates(struct st__pairing *p, struct candidates *c)
{
    struct st__text from;

    c->n = p->nt->n_vars;
    c->by_name = magic_arena_array(p->arena, c->n + 1, sizeof(*c->by_name));
    c->renamed = magic_arena_array(p->arena, c->n + 1, sizeof(*c->renamed));
    if (!c->by_name || !c->renamed)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < c->n; i++) {
        const struct magic_var *v = &p->nt->vars[i];

        c->by_name[i] = (struct name_index) { v->name, v->id };
        if (st__attr(p, v, v->attrs, "renamed_from", &from))
            c->renamed[c->n_renamed++] = v;
    }
    qsort(c->by_name, c->n, sizeof(*c->by_name), by_name);
    return 0;
}

static int pair_vars(struct st__pairing *p)
{
    struct candidates c = { 0 };
    int err = find_candidates(p, &c);

    p->var_pair = magic_arena_array(p->arena, p->ot->n_vars + 1, sizeof(*p->var_pair));
    if (!p->var_pair)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < p->ot->n_vars && !err; i++)
        err = pair_var(p, &p->ot->vars[i], &c);
    return err ? err : settle_claims(p);
}

/* -- functions ---------------------------------------------------------------------------- */

static int func_rank(
    const struct st__pairing *p, const struct magic_func *o, const struct magic_func *n)
{
    const struct st__named was = { o, o->attrs, o->name, o->key },
                           is = { n, n->attrs, n->name, n->key };

    if (st__renamed(p, &was, &is))
        return RENAMED + (strcmp(o->file, n->file) == 0);
    if (strcmp(o->name, n->name) != 0)
        return 0;
    if (!((o->flags | n->flags) & MAGIC_FUNC_STATIC))
        return 4;
    if (strcmp(o->file, n->file) == 0)
        return 3;
    return strcmp(base_name(o->file), base_name(n->file)) == 0 ? 2 : 1;
}

/* Two equally good successors leave a function without one: that matters only if live state
 * points to it, and is then reported there. */
static void pair_func(
    struct st__pairing *p, const struct magic_func *o, const struct magic_func *n, int *best)
{
    int rank = func_rank(p, o, n);

    if (rank && rank >= *best && n != p->func_pair[o->id])
        p->func_pair[o->id] = rank > *best ? n : NULL;
    *best = rank > *best ? rank : *best;
}

static int pair_funcs(struct st__pairing *p)
{
    size_t n = p->nt->n_funcs, n_renamed = 0;
    struct name_index *index = magic_arena_array(p->arena, n + 1, sizeof(*index));
    const struct magic_func **renamed = magic_arena_array(p->arena, n + 1, sizeof(*renamed));
    struct st__text from;

    p->func_pair = magic_arena_array(p->arena, p->ot->n_funcs + 1, sizeof(*p->func_pair));
    if (!index || !renamed || !p->func_pair)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct magic_func *f = &p->nt->funcs[i];

        index[i] = (struct name_index) { f->name, f->id };
        if (st__attr(p, f, f->attrs, "renamed_from", &from))
            renamed[n_renamed++] = f;
    }
    qsort(index, n, sizeof(*index), by_name);
    for (size_t i = 0; i < p->ot->n_funcs; i++) {
        const struct magic_func *o = &p->ot->funcs[i];
        size_t end, at = name_run(index, n, o->name, &end);
        bool renames = st__attr(p, o, o->attrs, "renamed_from", &from);
        int best = 0;

        for (; at < end; at++)
            pair_func(p, o, &p->nt->funcs[index[at].id], &best);
        for (at = 0; at < n_renamed; at++)
            pair_func(p, o, renamed[at], &best);
        for (at = 0; renames && at < n; at++)
            pair_func(p, o, &p->nt->funcs[at], &best);
    }
    return 0;
}

/* -- sites -------------------------------------------------------------------------------- */

const struct magic_site *st__pair_site(struct st__pairing *p, const struct magic_site *o)
{
    const struct magic_site *found = NULL;

    for (size_t i = 0; i < p->nt->n_sites; i++) {
        const struct magic_site *s = &p->nt->sites[i];

        if (strcmp(o->function, s->function) != 0 || strcmp(o->receiver, s->receiver) != 0 ||
            strcmp(o->callee, s->callee) != 0 || o->ordinal != s->ordinal)
            continue;
        if (strcmp(base_name(o->file), base_name(s->file)) == 0)
            return s;
        found = found ? NULL : s;
    }
    return found;
}

int st__pair(struct st__pairing *p)
{
    int err = pair_vars(p);

    p->steered = st__is_steered(p->rules, p->nt);
    if (!err)
        err = pair_funcs(p);
    return err ? err : st__pair_index_types(p);
}
