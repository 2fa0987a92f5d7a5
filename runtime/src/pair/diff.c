/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The comparison of two versions: collecting, ordering and counting of changes, see diff.h.
 */
#include "pair/diff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pair/diff_internal.h"

/* -- names -------------------------------------------------------------------------------- */

const char *st__verdict_name(enum st__verdict verdict)
{
    static const char *const names[] = { "unchanged", "automatic", "decision", "impossible" };

    return names[verdict];
}

const char *st__what_name(enum st__what what)
{
    static const char *const names[] = { "variable", "function", "type", "member", "site" };

    return names[what];
}

const char *st__event_name(enum st__event event)
{
    static const char *const names[] = { "added", "removed", "renamed", "moved", "changed",
        "ambiguous", "opaque" };

    return names[event];
}

const char *st__diff_action(const struct st__differ *w, enum st__policy policy)
{
    static const char *const defaults[] = {
#define ST__DIFF_DEFAULT(name, action, text) #action,
        ST__POLICIES(ST__DIFF_DEFAULT)
#undef ST__DIFF_DEFAULT
    };
    bool refused, warned;

    if (w->p->rules) {
        refused = w->p->rules->policies[policy] == ST__FORBID;
        warned = w->p->rules->policies[policy] == ST__WARN;
    } else {
        refused = strcmp(defaults[policy], "FORBID") == 0;
        warned = strcmp(defaults[policy], "WARN") == 0;
    }
    return refused ? "refused" : warned ? "with a warning" : "without a word";
}

/* -- collecting --------------------------------------------------------------------------- */

void st__diff_add(struct st__differ *w, const struct st__change *c)
{
    struct st__change *kept;

    if (w->n == w->room) {
        size_t room = w->room ? w->room * 2 : 64;
        struct st__change *changes = magic_arena_array(w->p->arena, room, sizeof(*changes));

        if (!changes) {
            w->failed = true;
            return;
        }
        if (w->n)
            memcpy(changes, w->changes, w->n * sizeof(*changes));
        w->changes = changes;
        w->room = room;
    }
    kept = &w->changes[w->n++];
    *kept = *c;
    kept->type = c->type ? c->type : "";
    kept->otherwise = c->otherwise ? c->otherwise : "";
    kept->o.file = c->o.file ? c->o.file : "";
    kept->n.file = c->n.file ? c->n.file : "";
}

const char *st__diff_text(struct st__differ *w, const char *format, ...)
{
    char text[1024], *kept;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    kept = magic_arena_alloc(w->p->arena, strlen(text) + 1);
    if (!kept) {
        w->failed = true;
        return "";
    }
    memcpy(kept, text, strlen(text) + 1);
    return kept;
}

void st__diff_advise(struct st__change *c, const char *rule, const char *effect)
{
    if (c->n_advice < ST__ADVICE_MAX)
        c->advice[c->n_advice++] = (struct st__advice) { rule, effect };
}

/* -- the whole ---------------------------------------------------------------------------- */

/* Decisions first, since somebody has to do something; then what cannot be; types with their members. */
static int by_weight(const void *a, const void *b)
{
    static const int weight[] = { 3, 2, 0, 1 };
    const struct st__change *x = *(const struct st__change *const *) a,
                            *y = *(const struct st__change *const *) b;
    int order = weight[x->verdict] - weight[y->verdict];

    return order ? order : (x > y) - (x < y);
}

static const struct st__change *sorted(struct st__differ *w)
{
    const struct st__change **order =
        magic_arena_array(w->p->arena, w->n + 1, sizeof(const struct st__change *));
    struct st__change *changes = magic_arena_array(w->p->arena, w->n + 1, sizeof(*changes));

    if (!order || !changes) {
        w->failed = true;
        return NULL;
    }
    for (size_t i = 0; i < w->n; i++)
        order[i] = &w->changes[i];
    qsort(order, w->n, sizeof(const struct st__change *), by_weight);
    for (size_t i = 0; i < w->n; i++)
        changes[i] = *order[i];
    return changes;
}

static const char *holders(struct st__differ *w, const struct st__met *met)
{
    const char *text = "", *place = "";

    for (size_t i = 0; i < met->n_vars && i < sizeof(met->vars) / sizeof(met->vars[0]); i++)
        text = st__diff_text(w, "%s%s%.100s", text, i ? ", " : "", met->vars[i]->key);
    if (met->n_vars > sizeof(met->vars) / sizeof(met->vars[0]))
        text = st__diff_text(w, "%s and %zu more variables", text,
            met->n_vars - sizeof(met->vars) / sizeof(met->vars[0]));
    if (met->n_sites && met->site->file[0])
        place = st__diff_text(w, " (%s%.100s:%u)", met->n_sites > 1 ? "first " : "",
            met->site->file, met->site->line);
    if (met->n_sites)
        text = st__diff_text(w, "%s%s%zu allocation site%s%s", text, *text ? ", " : "",
            met->n_sites, met->n_sites > 1 ? "s" : "", place);
    return text;
}

static void list_types(struct st__differ *w, struct st__diff *d)
{
    struct st__type_diff *types = magic_arena_array(w->p->arena, w->n_met + 1, sizeof(*types));

    if (!types) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < w->n_met; i++) {
        const struct st__met *met = &w->met[i];

        if (!st__diff_is_changed(met->plan))
            continue;
        types[d->n_types++] =
            (struct st__type_diff) { met->n_name, met->plan, met->verdict, holders(w, met) };
    }
    d->types = types;
}

static int finish(struct st__differ *w, const struct st__diff **ret)
{
    struct st__diff *d = magic_arena_alloc(w->p->arena, sizeof(*d));

    if (!d || w->failed)
        return MAGIC_ENOMEM;
    list_types(w, d);
    d->changes = sorted(w);
    d->n_changes = w->n;
    memcpy(d->unchanged, w->unchanged, sizeof(d->unchanged));
    for (size_t i = 0; i < ST__N_WHAT; i++)
        d->count[ST__UNCHANGED] += d->unchanged[i];
    for (size_t i = 0; i < w->n; i++) {
        d->count[w->changes[i].verdict]++;
        d->live += w->changes[i].live;
        if (w->changes[i].verdict > d->verdict)
            d->verdict = w->changes[i].verdict;
    }
    *ret = d;
    return w->failed ? MAGIC_ENOMEM : 0;
}

int st__diff(struct st__pairing *p, const struct magic_view *ov, const struct magic_view *nv,
    const struct st__diff **ret)
{
    size_t unchanged[ST__N_WHAT] = { 0 };
    struct st__differ w = { .p = p, .ov = ov, .nv = nv, .unchanged = unchanged };
    int err;

    p->goes_on = true;
    err = st__pair(p);
    if (err)
        return err;
    w.next = magic_arena_array(p->arena, p->ot->n_types + 1, sizeof(const struct magic_type *));
    w.from = magic_arena_array(p->arena, p->nt->n_types + 1, sizeof(const struct magic_type *));
    w.n_typed = magic_arena_array(p->arena, p->ot->n_types + 1, sizeof(*w.n_typed));
    w.clashed = magic_arena_array(p->arena, p->ot->n_vars + 1, sizeof(*w.clashed));
    if (!w.next || !w.from || !w.n_typed || !w.clashed)
        return MAGIC_ENOMEM;
    st__diff_meet(&w);
    st__diff_vars(&w);
    st__diff_funcs(&w);
    st__diff_types(&w);
    st__diff_sites(&w);
    return finish(&w, ret);
}
