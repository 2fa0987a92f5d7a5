/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed about types, allocation sites, and what they allocate.
 */
#include <string.h>

#include "pair/diff_internal.h"

static struct st__place place_of_type(const struct magic_type *type)
{
    return (struct st__place) { type ? type->file : "", type ? type->line : 0 };
}

/* -- types that changed ------------------------------------------------------------------- */

static bool same_names(const struct st__plan *plan)
{
    for (size_t i = 0; i < plan->n_members; i++)
        if (!plan->members[i].n || strcmp(plan->members[i].o->name, plan->members[i].n->name) != 0)
            return false;
    return plan->o->count == plan->n->count || plan->o->kind == MAGIC_KIND_ENUM;
}

bool st__diff_is_changed(const struct st__plan *plan)
{
    if (plan->how == ST__NOXFER)
        return false;
    return plan->cls != ST__COPY || strcmp(plan->o->name, plan->n->name) != 0 ||
           !same_names(plan) ||
           (plan->o->kind == MAGIC_KIND_ENUM && plan->o->count != plan->n->count);
}

static const char *size_text(
    struct st__differ *w, const struct magic_type *o, const struct magic_type *n)
{
    unsigned long long was = o->size, is = n->size;

    return was == is ? st__diff_text(w, "%llu bytes", is)
                     : st__diff_text(w, "%llu -> %llu bytes", was, is);
}

/* Objects longer than the structure are converted only if both versions end with the array. */
static const char *tail_text(const struct st__plan *plan)
{
    if (plan->tail)
        return "; the array at its end goes on";
    if (plan->cls != ST__COPY && (plan->o->flags & MAGIC_TYPE_FLEXIBLE))
        return "; an object with elements in the array at its end is refused";
    return "";
}

static void say_type(struct st__differ *w, struct st__met *met)
{
    const struct st__plan *plan = met->plan;
    const char *tail = tail_text(plan);
    struct st__change c = {
        .verdict = ST__AUTOMATIC,
        .what = ST__TYPE,
        .event = strcmp(met->o_name, met->n_name) == 0 ? ST__CHANGED : ST__RENAMED,
        .live = strstr(tail, "refused") != NULL,
        .entity = met->n_name,
        .o = place_of_type(plan->o),
        .n = place_of_type(plan->n),
        .held = met->n_vars > 0,
        .type = met->n_name,
    };
    size_t i;

    if (!met->n_name[0])
        c.entity = "a type without a name";
    c.text = st__diff_text(w, "%s%s%s%s", c.event == ST__RENAMED ? "was " : "",
        c.event == ST__RENAMED ? met->o_name : "", c.event == ST__RENAMED ? "; " : "",
        st__diff_text(w, "%s%s", size_text(w, plan->o, plan->n), tail));
    met->verdict = ST__AUTOMATIC;
    st__diff_add(w, &c);
    for (i = w->n, st__diff_members(w, met); i < w->n; i++)
        if (w->changes[i].verdict > met->verdict)
            met->verdict = w->changes[i].verdict;
}

/* -- types that are gone ------------------------------------------------------------------ */

/* The rule that makes `n` what `o` was. A type that only a typedef names is paired by it. */
static const char *rename_rule(
    struct st__differ *w, const struct magic_type *o, const struct magic_type *n)
{
    if (o->name[0])
        return st__diff_text(w, "%.200s: renamed_from=%.200s", st__diff_type_name(w, n), o->name);
    if (n->typedef_name[0] && !n->name[0])
        return st__diff_text(
            w, "type %.200s: renamed_from=%.200s", n->typedef_name, o->typedef_name);
    return "";
}

static void say_removed_type(struct st__differ *w, const struct magic_type *o)
{
    size_t n_sites = w->n_typed[o->id];
    const struct magic_type *heir = n_sites ? st__diff_heir_type(w, o) : NULL;
    const char *rule = heir ? rename_rule(w, o, heir) : "";
    bool refused = strcmp(st__diff_action(w, ST__POLICY_type), "refused") == 0;
    struct st__change c = {
        .verdict = ST__AUTOMATIC,
        .what = ST__TYPE,
        .event = ST__REMOVED,
        .entity = st__diff_type_name(w, o),
        .o = place_of_type(o),
        .live = refused && n_sites,
    };

    c.text = !n_sites  ? "no allocation site has it"
             : refused ? "live objects of it are refused"
                       : st__diff_text(w, "live objects of it stay as they are, %s",
                             st__diff_action(w, ST__POLICY_type));
    if (rule[0]) {
        c.verdict = ST__DECISION;
        c.otherwise = c.text;
        c.text = st__diff_text(w,
            "is gone, and allocated at %zu site%s; %s (%.100s:%u) is new and "
            "like it",
            n_sites, n_sites > 1 ? "s" : "", st__diff_type_name(w, heir), heir->file, heir->line);
        st__diff_advise(&c, rule, "its objects are converted");
    }
    st__diff_add(w, &c);
}

void st__diff_types(struct st__differ *w)
{
    const struct magic_table *ot = w->p->ot;

    for (size_t i = 0; i < ot->n_types && !w->failed; i++) {
        const struct magic_type *o = &ot->types[i];

        if (!w->next[i] && !(o->flags & MAGIC_TYPE_INCOMPLETE) && st__diff_type_name(w, o)[0])
            say_removed_type(w, o);
    }
    for (size_t i = 0; i < w->n_met && !w->failed; i++) {
        if (st__diff_is_changed(w->met[i].plan))
            say_type(w, &w->met[i]);
        else
            w->unchanged[ST__TYPE]++;
    }
}

/* -- allocation sites --------------------------------------------------------------------- */

static struct st__change change_of_site(struct st__differ *w, const struct magic_site *s)
{
    return (struct st__change) {
        .verdict = ST__AUTOMATIC,
        .what = ST__SITE,
        .entity = st__diff_text(w, "%.100s%s%.100s() in %.100s()", s->receiver,
            s->receiver[0] ? " = " : "", s->callee, s->function),
        .o = { s->file, s->line },
        .n = { "", 0 },
    };
}

static bool any_type_moves(const struct st__differ *w)
{
    for (size_t i = 0; i < w->n_met; i++)
        if (w->met[i].plan->moves && w->met[i].plan->cls != ST__COPY &&
            w->met[i].plan->o->kind != MAGIC_KIND_ENUM)
            return true;
    return false;
}

/* An object of a type that as a whole cannot be converted. */
static bool say_refused_site(struct st__differ *w, const struct magic_site *s)
{
    const struct magic_type *n = w->next[magic_type_strip(s->type)->id];
    const struct st__plan *plan = n ? st__plan(w->p, s->type, n) : NULL;
    struct st__change c = change_of_site(w, s);

    if (!plan || st__diff_element(plan)->cls != ST__REFUSE)
        return false;
    (void) st__diff_value(w, plan, NULL, NULL, st__diff_type_name(w, magic_type_strip(n)), &c);
    st__diff_add(w, &c);
    return true;
}

void st__diff_sites(struct st__differ *w)
{
    const struct magic_table *ot = w->p->ot;
    bool moves = any_type_moves(w);

    for (size_t i = 0; i < ot->n_sites && !w->failed; i++) {
        const struct magic_site *s = &ot->sites[i];
        struct st__change c;

        if (s->type && say_refused_site(w, s))
            continue;
        if (s->type || (s->flags & (MAGIC_SITE_LEAF | MAGIC_SITE_LATE)) || !moves) {
            w->unchanged[ST__SITE]++;
            continue;
        }
        c = change_of_site(w, s);
        c.event = ST__OPAQUE;
        c.live = strcmp(st__diff_action(w, ST__POLICY_unknown), "refused") == 0;
        c.text =
            "what it allocates is not known: a pointer from there to a changed type, or to one "
            "that lies there, may be refused";
        st__diff_add(w, &c);
    }
}
