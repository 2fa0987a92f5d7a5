/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A walk over a pairing: see valid.h.
 *
 * Pairs lead from the old table to the new one, variables both ways. Plans belong to stripped types of
 * both tables, and have what their class needs. That a plan is the right one is not decided here.
 */
#include <string.h>

#include "pair/valid.h"
#include "table/valid.h"

struct walk {
    const struct st__pairing *p;
    struct magic_error *err;
};

static bool bad(const struct walk *w, const char *what, const char *name, const char *why)
{
    magic_error_set(w->err, MAGIC_EBADMSTATE, "pairing: %s %s: %s", what, name, why);
    return false;
}

static bool is_type(const struct magic_table *t, const struct magic_type *type)
{
    return magic__is_element(t->types, t->n_types, sizeof(*type), type);
}

/* -- pairs -------------------------------------------------------------------------------- */

static bool check_vars(const struct walk *w)
{
    const struct st__pairing *p = w->p;

    for (size_t i = 0; i < p->ot->n_vars; i++) {
        const struct magic_var *n = p->var_pair[i];

        if (n && !magic__is_element(p->nt->vars, p->nt->n_vars, sizeof(*n), n))
            return bad(w, "variable", p->ot->vars[i].key, "its pair is none of the new version's");
        if (n && p->var_from[n->id] != &p->ot->vars[i])
            return bad(w, "variable", p->ot->vars[i].key, "its pair continues another one");
    }
    for (size_t i = 0; i < p->nt->n_vars; i++) {
        const struct magic_var *o = p->var_from[i];

        if (o && (!magic__is_element(p->ot->vars, p->ot->n_vars, sizeof(*o), o) ||
                     p->var_pair[o->id] != &p->nt->vars[i]))
            return bad(w, "variable", p->nt->vars[i].key, "what it continues is not its pair");
    }
    return true;
}

static bool check_funcs(const struct walk *w)
{
    const struct st__pairing *p = w->p;

    for (size_t i = 0; i < p->ot->n_funcs; i++) {
        const struct magic_func *n = p->func_pair[i];

        if (n && !magic__is_element(p->nt->funcs, p->nt->n_funcs, sizeof(*n), n))
            return bad(w, "function", p->ot->funcs[i].key, "its pair is none of the new version's");
    }
    return true;
}

static bool bad_type(const struct walk *w, const struct magic_type *type, const char *why)
{
    char spelled[128];

    return bad(w, "type", magic_type_spell(type, spelled, sizeof(spelled)), why);
}

static bool check_types(const struct walk *w)
{
    const struct st__pairing *p = w->p;

    for (size_t i = 0; i < p->ot->n_types; i++) {
        const struct magic_type *o = &p->ot->types[i], *n = p->type_pair[i];

        if (n && !p->type_looked[i])
            return bad_type(w, o, "it has a pair that nobody looked for");
        if (n && !is_type(p->nt, n))
            return bad_type(w, o, "its pair is none of the new version's");
        if (n && n->kind != o->kind)
            return bad_type(w, o, "its pair is of another kind");
    }
    return true;
}

/* New types by name, and of one name by number, so that none is there twice. */
static bool check_names(const struct walk *w)
{
    const struct magic_type *const *by_name = w->p->new_by_name;

    for (size_t i = 0; i < w->p->nt->n_types; i++) {
        int order;

        if (!is_type(w->p->nt, by_name[i]))
            return bad(w, "index of types", "by name", "an entry is none of the new version's");
        order = i ? strcmp(by_name[i - 1]->name, by_name[i]->name) : -1;
        if (order > 0 || (order == 0 && by_name[i - 1]->id >= by_name[i]->id))
            return bad_type(w, by_name[i], "it is out of order in the index by name");
    }
    return true;
}

/* -- plans -------------------------------------------------------------------------------- */

static bool bad_plan(const struct walk *w, const struct st__plan *plan, const char *why)
{
    char spelled[128];

    return bad(w, "plan for", magic_type_spell(plan->o, spelled, sizeof(spelled)), why);
}

/* A plan for the types of a part; typedefs are looked through. */
static bool is_for(
    const struct st__plan *plan, const struct magic_type *o, const struct magic_type *n)
{
    return plan && plan->o == magic_type_strip(o) && plan->n == magic_type_strip(n);
}

static bool check_choice(
    const struct walk *w, const struct st__plan *plan, const struct st__member *m)
{
    const struct st__choice *c = m->choice;
    const struct magic_type *type = plan->o;

    if (!magic__is_element(type->members, type->count, sizeof(*c->tag), c->tag))
        return bad_plan(w, plan, "what tells of a union is none of its members");
    for (size_t i = 0; i < c->n; i++)
        if (!magic__is_element(
                m->plan->members, m->plan->n_members, sizeof(*m), c->cases[i].member))
            return bad_plan(w, plan, "a case of a union is none of the union's members");
    return true;
}

static bool check_members(const struct walk *w, const struct st__plan *plan)
{
    const struct magic_type *o = plan->o, *n = plan->n;

    if (plan->n_members != o->count)
        return bad_plan(w, plan, "not one entry for each member");
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];

        if (m->o != &o->members[i])
            return bad_plan(w, plan, "an entry is of another member");
        if (!m->n)
            continue;
        if (!magic__is_element(n->members, n->count, sizeof(*m->n), m->n))
            return bad_plan(w, plan, "the pair of a member is none of the new members");
        if (!is_for(m->plan, m->o->type, m->n->type))
            return bad_plan(w, plan, "the plan of a member is for other types");
        if (m->choice && !check_choice(w, plan, m))
            return false;
    }
    for (size_t i = 0; i < plan->n_runs; i++) {
        const struct st__run *r = &plan->runs[i];

        if ((uint64_t) r->o + r->len > o->size || (uint64_t) r->n + r->len > n->size)
            return bad_plan(w, plan, "what is copied reaches past its end");
    }
    return true;
}

static bool check_tail(const struct walk *w, const struct st__plan *plan)
{
    const struct st__tail *tail = plan->tail;

    if (tail->elem && tail->o <= plan->o->size && tail->n <= plan->n->size)
        return true;
    return bad_plan(w, plan, "the array at the end lies elsewhere");
}

static bool check_class(const struct walk *w, const struct st__plan *plan)
{
    const enum magic_type_kind kind = plan->o->kind;

    switch (plan->cls) {
    case ST__COPY:
        return plan->o->size == plan->n->size || bad_plan(w, plan, "copied, but of another size");
    case ST__CONVERT:
        if (kind == MAGIC_KIND_STRUCT || kind == MAGIC_KIND_UNION)
            return check_members(w, plan);
        return kind != MAGIC_KIND_ARRAY || is_for(plan->elem, plan->o->target, plan->n->target) ||
               bad_plan(w, plan, "the plan of its elements is for other types");
    case ST__CALL:
        return (plan->callback && is_for(plan->inner, plan->o, plan->n)) ||
               bad_plan(w, plan, "nobody to call, or nothing to do instead");
    case ST__REFUSE:
        return plan->why || bad_plan(w, plan, "refused for no reason");
    case ST__BYTES:
    case ST__SKIP:
        return true;
    }
    return bad_plan(w, plan, "there is no such class");
}

static bool check_plans(const struct walk *w)
{
    const struct st__pairing *p = w->p;
    size_t n = 0;

    for (size_t i = 0; i < p->plan_slots; i++) {
        const struct st__plan *plan = p->plans[i];

        if (!plan)
            continue;
        n++;
        if (!is_type(p->ot, plan->o) || !is_type(p->nt, plan->n))
            return bad(w, "plan", "in the hash", "its types are not those of the tables");
        if (plan->o->kind == MAGIC_KIND_TYPEDEF || plan->n->kind == MAGIC_KIND_TYPEDEF)
            return bad_plan(w, plan, "it is for a typedef");
        if (!check_class(w, plan) || (plan->tail && !check_tail(w, plan)))
            return false;
    }
    return (n == p->n_plans && n * 2 <= p->plan_slots) ||
           bad(w, "plans", "in the hash", "their number is another one, or too large");
}

bool st__pairing_is_valid(const struct st__pairing *p, struct magic_error *err)
{
    const struct walk w = { p, err };

    return check_vars(&w) && check_funcs(&w) && check_types(&w) && check_names(&w) &&
           check_plans(&w);
}
