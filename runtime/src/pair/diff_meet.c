/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which types there are to compare: those that variables and allocation sites have by value, and those
 * that have a name.
 *
 * A type without a name is known by the way to it, as in rules: "struct value.u" is the union that
 * member `u` of `struct value` has.
 */
#include <string.h>

#include "pair/diff_internal.h"

enum { STEPS_MAX = 1 << 22 }; /* of all walks: a bound for hostile images */

static bool is_declared(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION ||
           type->kind == MAGIC_KIND_ENUM;
}

const char *st__diff_type_name(struct st__differ *w, const struct magic_type *type)
{
    const char *name = type->name[0] ? type->name : type->typedef_name;
    const char *kind = type->kind == MAGIC_KIND_STRUCT  ? "struct"
                       : type->kind == MAGIC_KIND_UNION ? "union"
                                                        : "enum";

    return is_declared(type) && name[0] ? st__diff_text(w, "%s %.200s", kind, name) : "";
}

/* -- the table of types ------------------------------------------------------------------- */

static uint32_t *slot_of(struct st__differ *w, const struct st__plan *plan)
{
    uint64_t hash = ((uint64_t) plan->o->id << 32 | plan->n->id) * 0x9e3779b97f4a7c15u;
    size_t i = (hash >> 32) & (w->hash_slots - 1);

    for (; w->met_hash[i]; i = (i + 1) & (w->hash_slots - 1)) {
        const struct st__plan *other = w->met[w->met_hash[i] - 1].plan;

        if (other->o == plan->o && other->n == plan->n)
            break;
    }
    return &w->met_hash[i];
}

static bool grow(struct st__differ *w)
{
    size_t room = w->met_room ? w->met_room * 2 : 64;
    struct st__met *met = magic_arena_array(w->p->arena, room, sizeof(*met));

    w->met_hash = magic_arena_array(w->p->arena, room * 2, sizeof(*w->met_hash));
    if (!met || !w->met_hash) {
        w->failed = true;
        return false;
    }
    if (w->n_met)
        memcpy(met, w->met, w->n_met * sizeof(*met));
    w->met = met;
    w->met_room = room;
    w->hash_slots = room * 2;
    for (size_t i = 0; i < w->n_met; i++)
        *slot_of(w, met[i].plan) = (uint32_t) i + 1;
    return true;
}

static struct st__met *meet(
    struct st__differ *w, const struct st__plan *plan, const char *o_name, const char *n_name)
{
    uint32_t *slot;

    if (w->n_met == w->met_room && !grow(w))
        return NULL;
    slot = slot_of(w, plan);
    if (!*slot) {
        const char *o_own = st__diff_type_name(w, plan->o), *n_own = st__diff_type_name(w, plan->n);

        w->met[w->n_met] = (struct st__met) {
            .plan = plan, .o_name = o_own[0] ? o_own : o_name, .n_name = n_own[0] ? n_own : n_name
        };
        *slot = (uint32_t) ++w->n_met;
    }
    return &w->met[*slot - 1];
}

/* -- the walk ----------------------------------------------------------------------------- */

/** Where a walk began; neither: at a type itself. */
struct root {
    const struct magic_var *var;
    const struct magic_site *site;
};

static void count_root(struct st__differ *w, struct st__met *met, const struct root *root)
{
    met->root = w->root;
    if (root->var && met->n_vars++ < sizeof(met->vars) / sizeof(met->vars[0]))
        met->vars[met->n_vars - 1] = root->var;
    if (root->site && !met->n_sites++)
        met->site = root->site;
}

/* The name of what member `m` holds, if it has none of its own. */
static const char *below(struct st__differ *w, const char *name, const struct magic_member *m,
    const struct magic_type *type)
{
    if (!is_declared(type) || type->name[0] || type->typedef_name[0])
        return "";
    return name[0] && m->name[0] ? st__diff_text(w, "%.300s.%.100s", name, m->name) : name;
}

static void walk(struct st__differ *w, const struct st__plan *plan, const char *o_name,
    const char *n_name, const struct root *root);

static void walk_member(struct st__differ *w, const struct st__plan *plan,
    const struct st__member *m, const char *o_name, const char *n_name, const struct root *root)
{
    plan = st__diff_element(plan);
    walk(w, plan, below(w, o_name, m->o, plan->o), below(w, n_name, m->n, plan->n), root);
}

static void walk(struct st__differ *w, const struct st__plan *plan, const char *o_name,
    const char *n_name, const struct root *root)
{
    struct st__met *met;

    plan = st__diff_element(plan);
    if (!is_declared(plan->o) || plan->n->kind != plan->o->kind || w->failed)
        return;
    met = meet(w, plan, o_name, n_name);
    w->steps += 1 + plan->n_members;
    if (!met || met->root == w->root || w->steps > STEPS_MAX)
        return;
    count_root(w, met, root);
    o_name = met->o_name;
    n_name = met->n_name;
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];

        if (m->n)
            walk_member(w, m->plan, m, o_name, n_name, root);
    }
    if (plan->tail)
        walk_member(w, plan->tail->elem, &plan->members[plan->n_members - 1], o_name, n_name, root);
}

static void walk_from(struct st__differ *w, const struct st__plan *plan, struct root root)
{
    if (!plan) {
        w->failed = true;
        return;
    }
    w->root++;
    walk(w, plan, "", "", &root);
}

/* -- the roots ---------------------------------------------------------------------------- */

static void pair_types(struct st__differ *w, const struct magic_type *o, const struct magic_type *n)
{
    o = magic_type_strip(o);
    n = n ? magic_type_strip(n) : NULL;
    w->next[o->id] = n;
    if (n)
        w->from[n->id] = o;
}

/* The type whose pair is that of an unnamed one. */
static bool names_type(const struct magic_type *type)
{
    const struct magic_type *inner = magic_type_strip(type);

    if (!is_declared(inner) || (inner->flags & MAGIC_TYPE_INCOMPLETE))
        return false;
    return type == inner ? type->name[0] != '\0'
                         : !inner->name[0] && strcmp(inner->typedef_name, type->name) == 0;
}

static void meet_sites(struct st__differ *w)
{
    struct st__pairing *p = w->p;

    for (size_t i = 0; i < p->ot->n_sites && !w->failed; i++) {
        const struct magic_site *s = &p->ot->sites[i], *continued = st__pair_site(p, s);
        const struct magic_type *n, *element = s->type;

        if (!s->type)
            continue;
        while (magic_type_strip(element)->kind == MAGIC_KIND_ARRAY)
            element = magic_type_strip(element)->target;
        w->n_typed[magic_type_strip(element)->id]++;
        n = st__pair_type(p, s->type, continued ? continued->type : NULL);
        if (!n)
            continue;
        if (is_declared(magic_type_strip(s->type)))
            pair_types(w, s->type, n);
        walk_from(w, st__plan(p, s->type, n), (struct root) { NULL, s });
    }
}

void st__diff_meet(struct st__differ *w)
{
    struct st__pairing *p = w->p;

    meet_sites(w);
    for (size_t i = 0; i < p->ot->n_vars && !w->failed; i++) {
        const struct magic_var *o = &p->ot->vars[i], *n = p->var_pair[i];

        /* The new version's constants count, whatever the old ones were. */
        if (n && !((o->flags | n->flags) & MAGIC_VAR_CONST))
            walk_from(w, st__plan_var(p, o, n), (struct root) { o, NULL });
    }
    for (size_t i = 0; i < p->ot->n_types && !w->failed; i++) {
        const struct magic_type *o = &p->ot->types[i], *n;

        if (!names_type(o))
            continue;
        n = st__pair_type(p, o, NULL);
        pair_types(w, o, n);
        if (n)
            walk_from(w, st__plan(p, o, n), (struct root) { NULL, NULL });
    }
}
