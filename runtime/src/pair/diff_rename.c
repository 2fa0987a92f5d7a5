/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What may have been renamed: for something that is gone, what is new and most like it.
 *
 * These are guesses to be confirmed, never acted on: the user writes the rule or does not.
 */
#include <string.h>

#include "pair/diff_internal.h"

enum {
    GUESSES_MAX = 1 << 20, /* steps in one comparison: a bound for hostile images */
    DEPTH_MAX = 16, /* of pointers to pointers, which a hostile image can chain into a circle */
};

/* True while there may be more guesses; `n` is what the next one costs. */
static bool may_guess(struct st__differ *w, uint64_t n)
{
    w->guesses += n;
    return w->guesses < GUESSES_MAX;
}

static bool same_spelling(const struct magic_type *o, const struct magic_type *n)
{
    char x[160], y[160];

    return strcmp(magic_type_spell(o, x, sizeof(x)), magic_type_spell(n, y, sizeof(y))) == 0;
}

/* Of one kind of value, so that one can be the other renamed: equal, or pointers, or structures whose
 * own name may have changed as well. */
static bool alike(
    struct st__differ *w, const struct magic_type *o, const struct magic_type *n, unsigned depth)
{
    o = magic_type_strip(o);
    n = magic_type_strip(n);
    if (o->kind != n->kind || depth == DEPTH_MAX)
        return false;
    if (o->kind == MAGIC_KIND_POINTER || o->kind == MAGIC_KIND_ARRAY)
        return alike(w, o->target, n->target, depth + 1);
    if (o->kind == MAGIC_KIND_STRUCT || o->kind == MAGIC_KIND_UNION || o->kind == MAGIC_KIND_ENUM)
        return w->next[o->id] ? w->next[o->id] == n
                              : same_spelling(o, n) || st__diff_heir_type(w, o) == n;
    return same_spelling(o, n);
}

/* Common characters at both ends: "n_hits" is more like "hits" than "limit" is. */
static size_t name_score(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), head = 0, tail = 0;

    while (head < n && head < m && a[head] == b[head])
        head++;
    while (tail + head < n && tail + head < m && a[n - 1 - tail] == b[m - 1 - tail])
        tail++;
    return 1 + head + tail;
}

/** The best candidate so far. */
struct best {
    size_t score;
    const void *at;
};

static void consider(struct best *best, size_t score, const void *at)
{
    if (score > best->score)
        *best = (struct best) { score, at };
}

static bool is_continued(const struct st__plan *plan, const struct magic_member *n)
{
    for (size_t i = 0; i < plan->n_members; i++)
        if (plan->members[i].n == n)
            return true;
    return false;
}

const struct magic_member *st__diff_heir(
    struct st__differ *w, const struct st__plan *plan, const struct magic_member *o)
{
    struct best best = { 0 };

    for (uint32_t i = 0; i < plan->n->count && o->name[0] && may_guess(w, plan->n_members); i++) {
        const struct magic_member *n = &plan->n->members[i];

        if (n->name[0] && !is_continued(plan, n) && !n->bit_size == !o->bit_size &&
            alike(w, o->type, n->type, 0))
            consider(&best, name_score(o->name, n->name), n);
    }
    return best.at;
}

const struct magic_enumerator *st__diff_heir_enumerator(
    struct st__differ *w, const struct st__plan *plan, const struct magic_enumerator *o)
{
    for (uint32_t i = 0; i < plan->n->count && may_guess(w, 1); i++) {
        const struct magic_enumerator *n = &plan->n->enumerators[i];
        bool was_there = false;

        if (n->value != o->value)
            continue;
        for (uint32_t j = 0; j < plan->o->count && !was_there && may_guess(w, plan->n->count); j++)
            was_there = st__pair_enumerator(w->p, &plan->o->enumerators[j], plan->n) == n;
        if (!was_there)
            return n;
    }
    return NULL;
}

const struct magic_var *st__diff_heir_var(struct st__differ *w, const struct magic_var *o)
{
    const struct magic_table *nt = w->p->nt;
    struct best best = { 0 };

    for (size_t i = 0; i < nt->n_vars && may_guess(w, 1); i++) {
        const struct magic_var *n = &nt->vars[i];

        if (w->p->var_from[n->id] || ((o->flags ^ n->flags) & MAGIC_VAR_TLS) ||
            (n->flags & (MAGIC_VAR_CONST | MAGIC_VAR_ANONYMOUS)) || strcmp(o->scope, n->scope) != 0)
            continue;
        if (alike(w, o->type, n->type, 0))
            consider(&best, name_score(o->name, n->name) + 2 * (strcmp(o->file, n->file) == 0), n);
    }
    return best.at;
}

const struct magic_func *st__diff_heir_func(
    struct st__differ *w, const struct magic_func *o, const bool *continued)
{
    const struct magic_table *nt = w->p->nt;
    struct best best = { 0 };

    for (size_t i = 0; i < nt->n_funcs && o->type && may_guess(w, 1); i++) {
        const struct magic_func *n = &nt->funcs[i];

        if (continued[n->id] || !n->type || !(n->flags & MAGIC_FUNC_ADDRESS_TAKEN))
            continue;
        if (same_spelling(o->type, n->type))
            consider(&best, name_score(o->name, n->name) + 2 * (strcmp(o->file, n->file) == 0), n);
    }
    return best.at;
}

/* -- types -------------------------------------------------------------------------------- */

static size_t common_names(const struct magic_type *o, const struct magic_type *n)
{
    size_t common = 0;

    for (uint32_t i = 0; i < o->count; i++)
        for (uint32_t j = 0; j < n->count; j++)
            if (o->kind == MAGIC_KIND_ENUM
                    ? strcmp(o->enumerators[i].name, n->enumerators[j].name) == 0
                    : o->members[i].name[0] &&
                          strcmp(o->members[i].name, n->members[j].name) == 0) {
                common++;
                break;
            }
    return common;
}

const struct magic_type *st__diff_heir_type(struct st__differ *w, const struct magic_type *o)
{
    const struct magic_table *nt = w->p->nt;
    struct best best = { 0 };

    for (size_t i = 0; i < nt->n_types && may_guess(w, 1); i++) {
        const struct magic_type *n = &nt->types[i];
        size_t common;

        if (n->kind != o->kind || w->from[n->id] || (n->flags & MAGIC_TYPE_INCOMPLETE) ||
            (!n->name[0] && !n->typedef_name[0]) || !may_guess(w, (uint64_t) o->count * n->count))
            continue;
        common = common_names(o, n);
        if (2 * common >= o->count && 2 * common >= n->count)
            consider(&best, 1000 * common + name_score(o->name, n->name), n);
    }
    return best.at;
}
