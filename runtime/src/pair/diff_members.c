/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed about the members of a structure or union, and the enumerators of an enum.
 */
#include <string.h>

#include "pair/diff_internal.h"

/* The line of its type stands for a member: records have none of its own. */
static struct st__change change_of(
    struct st__differ *w, const struct st__met *met, const char *type, const char *name)
{
    return (struct st__change) {
        .verdict = ST__AUTOMATIC,
        .what = ST__MEMBER,
        .entity = type[0] ? st__diff_text(w, "%.400s.%.100s", type, name)
                          : st__diff_text(w, "member %.100s", name),
        .o = { met->plan->o->file, met->plan->o->line },
        .n = { met->plan->n->file, met->plan->n->line },
        .held = met->n_vars > 0,
        .type = met->n_name,
    };
}

static const char *rename_rule(
    struct st__differ *w, const struct st__met *met, const char *name, const char *was)
{
    return st__diff_text(w, "%.400s.%.100s: renamed_from=%.100s", met->n_name, name, was);
}

/* -- members ------------------------------------------------------------------------------ */

static void say_removed(
    struct st__differ *w, const struct st__met *met, const struct magic_member *o)
{
    struct st__change c = change_of(w, met, met->o_name, o->name);
    const char *action = st__diff_action(w, ST__POLICY_removed);
    bool refused = strcmp(action, "refused") == 0;
    const struct magic_member *heir = NULL;

    c.event = ST__REMOVED;
    c.text = refused ? "refused where it holds anything but zero"
                     : st__diff_text(w, "dropped, %s where it holds anything but zero", action);
    c.live = refused;
    if (st__how_member(w->p, o) == ST__NOXFER) {
        c.text = "dropped, as asked";
        c.live = false;
    } else if (strcmp(action, "without a word") != 0 && met->n_name[0] && met->o_name[0]) {
        heir = st__diff_heir(w, met->plan, o);
    }
    if (heir) {
        c.verdict = ST__DECISION;
        c.otherwise = c.text;
        c.text = st__diff_text(w, "is gone; %.100s of the same type is new", heir->name);
        st__diff_advise(&c, rename_rule(w, met, heir->name, o->name), "it is the same, renamed");
        st__diff_advise(&c, st__diff_text(w, "%.400s.%.100s: noxfer", met->o_name, o->name),
            "it is not needed any more");
    }
    st__diff_add(w, &c);
}

static const char *offset_text(struct st__differ *w, const struct magic_member *m)
{
    return m->bit_offset % 8 == 0
               ? st__diff_text(w, "%llu", (unsigned long long) (m->bit_offset / 8))
               : st__diff_text(w, "%llu bit %u", (unsigned long long) (m->bit_offset / 8),
                     (unsigned) (m->bit_offset % 8));
}

static void say_value(struct st__differ *w, const struct st__met *met, const struct st__member *m)
{
    struct st__change c = change_of(w, met, met->n_name, m->n->name);
    const char *rule = met->n_name[0] && m->n->name[0] ? c.entity : "";

    if (st__diff_value(w, m->plan, m->o, m->n, rule, &c) == ST__NOTHING)
        return;
    if (m->plan->cls == ST__REFUSE && m->plan->o->kind == MAGIC_KIND_UNION &&
        c.verdict == ST__DECISION && rule[0])
        st__diff_advise_union(w, met->plan, m, rule, &c);
    st__diff_add(w, &c);
}

/* A union that is converted by a rule; of its members those matter that the rule names. */
static void say_chosen(struct st__differ *w, const struct st__met *met, const struct st__member *m)
{
    struct st__change c = change_of(w, met, met->n_name, m->n->name);
    struct st__met inner = { .plan = m->plan,
        .o_name = "",
        .n_name = met->n_name[0] ? c.entity : "",
        .n_vars = met->n_vars };

    c.event = ST__CHANGED;
    c.text = st__diff_text(
        w, "a union: the member that %.100s names is converted", m->choice->tag->name);
    st__diff_add(w, &c);
    for (size_t i = 0; i < m->choice->n; i++) {
        const struct st__member *used = m->choice->cases[i].member;

        if (used->n && st__diff_element(used->plan)->cls == ST__REFUSE)
            say_value(w, &inner, used);
    }
}

static void say_kept(struct st__differ *w, const struct st__met *met, const struct st__member *m)
{
    struct st__change c = change_of(w, met, met->n_name, m->n->name);

    if (strcmp(m->o->name, m->n->name) != 0) {
        c.event = ST__RENAMED;
        c.text = st__diff_text(w, "was %.100s", m->o->name);
        st__diff_add(w, &c);
    }
    if (m->o->bit_offset != m->n->bit_offset) {
        c.event = ST__MOVED;
        c.text = st__diff_text(w, "offset %s -> %s", offset_text(w, m->o), offset_text(w, m->n));
        st__diff_add(w, &c);
    }
    /* Of a union the question is which member is in use, and that is asked where the union is. */
    if (m->choice)
        say_chosen(w, met, m);
    else if (met->plan->o->kind == MAGIC_KIND_STRUCT ||
             (met->plan->cls == ST__CONVERT && st__diff_element(m->plan)->cls != ST__REFUSE))
        say_value(w, met, m);
}

static void say_added(struct st__differ *w, const struct st__met *met, const struct magic_member *n)
{
    struct st__change c = change_of(w, met, met->n_name, n->name);

    c.event = ST__ADDED;
    c.text = met->plan->o->kind == MAGIC_KIND_UNION
                 ? "not in use in old objects"
                 : "zero in heap objects, the initial value in variables";
    st__diff_add(w, &c);
}

static void say_members(struct st__differ *w, const struct st__met *met)
{
    const struct st__plan *plan = met->plan;
    bool *continued = magic_arena_array(w->p->arena, plan->n->count + 1, sizeof(*continued));

    if (!continued) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < plan->n_members && !w->failed; i++) {
        const struct st__member *m = &plan->members[i];

        if (m->n)
            continued[m->n - plan->n->members] = true;
        if (!m->n)
            say_removed(w, met, m->o);
        else
            say_kept(w, met, m);
    }
    for (uint32_t i = 0; i < plan->n->count && !w->failed; i++)
        if (!continued[i])
            say_added(w, met, &plan->n->members[i]);
}

/* -- enumerators -------------------------------------------------------------------------- */

static void say_gone(
    struct st__differ *w, const struct st__met *met, const struct magic_enumerator *o)
{
    bool refused = strcmp(st__diff_action(w, ST__POLICY_enumerator), "refused") == 0;
    const struct magic_enumerator *heir =
        met->n_name[0] ? st__diff_heir_enumerator(w, met->plan, o) : NULL;
    struct st__change c = change_of(w, met, met->o_name, o->name);

    c.event = ST__REMOVED;
    c.live = refused;
    c.text = refused ? "refused where it is a live value"
                     : "its number stays where it is a live "
                       "value";
    if (heir) {
        c.verdict = ST__DECISION;
        c.otherwise = c.text;
        c.text = st__diff_text(w, "is gone; %.100s of the same value is new", heir->name);
        st__diff_advise(&c, rename_rule(w, met, heir->name, o->name), "it is the same, renamed");
    }
    st__diff_add(w, &c);
}

static void say_enumerators(struct st__differ *w, const struct st__met *met)
{
    const struct magic_type *ot = met->plan->o, *nt = met->plan->n;
    bool *continued = magic_arena_array(w->p->arena, nt->count + 1, sizeof(*continued));

    if (!continued) {
        w->failed = true;
        return;
    }
    for (uint32_t i = 0; i < ot->count && !w->failed; i++) {
        const struct magic_enumerator *o = &ot->enumerators[i],
                                      *n = st__pair_enumerator(w->p, o, nt);
        struct st__change c;

        if (!n) {
            say_gone(w, met, o);
            continue;
        }
        continued[n - nt->enumerators] = true;
        c = change_of(w, met, met->n_name, n->name);
        c.event = strcmp(o->name, n->name) != 0 ? ST__RENAMED : ST__CHANGED;
        c.text = st__diff_text(w, "%s%.100s%s%lld -> %lld",
            c.event == ST__RENAMED ? "was " : "value", c.event == ST__RENAMED ? o->name : "",
            c.event == ST__RENAMED ? "; value " : " ", (long long) o->value, (long long) n->value);
        if (c.event == ST__RENAMED || o->value != n->value)
            st__diff_add(w, &c);
    }
    for (uint32_t i = 0; i < nt->count && !w->failed; i++) {
        struct st__change c = change_of(w, met, met->n_name, nt->enumerators[i].name);

        c.event = ST__ADDED;
        c.text = st__diff_text(w, "value %lld", (long long) nt->enumerators[i].value);
        if (!continued[i])
            st__diff_add(w, &c);
    }
}

void st__diff_members(struct st__differ *w, const struct st__met *met)
{
    /* Members of what is copied as bytes, or has a rule with a mistake, were not looked at. */
    if (met->plan->o->kind != MAGIC_KIND_ENUM && met->plan->n_members != met->plan->o->count)
        return;
    if (met->plan->o->kind == MAGIC_KIND_ENUM)
        say_enumerators(w, met);
    else
        say_members(w, met);
}
