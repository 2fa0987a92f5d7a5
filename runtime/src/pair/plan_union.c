/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plans for unions. Their bytes do not say which member is in use, so a union is copied as it is where
 * that is right whichever it is, converted where a rule says which one it is, and refused otherwise.
 */
#include <stdlib.h>
#include <string.h>

#include "pair/pair.h"

/* -- without a rule ----------------------------------------------------------------------- */

/* Every old member goes on in the new union as the same bytes. */
static bool all_stay(const struct st__plan *plan)
{
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];

        if (!m->n || m->plan->cls != ST__COPY || m->o->bit_offset || m->n->bit_offset ||
            m->o->bit_size != m->n->bit_size)
            return false;
    }
    return plan->n->size >= plan->o->size;
}

/* Neither has pointers, the size stays, and no member changes its representation. */
static bool plain_bytes(const struct st__plan *plan)
{
    if (((plan->o->flags | plan->n->flags) & MAGIC_TYPE_HAS_POINTERS) ||
        plan->o->size != plan->n->size)
        return false;
    for (size_t i = 0; i < plan->n_members; i++)
        if (plan->members[i].n && plan->members[i].plan->cls != ST__COPY)
            return false;
    return true;
}

int st__plan_union(struct st__pairing *p, struct st__plan *plan)
{
    char name[64];
    bool same;
    int err = st__plan_members(p, plan, &same);

    if (err)
        return err;
    plan->moves = plan->moves || plan->o->size != plan->n->size;
    if (plan->how == ST__CHOSEN || plan->how == ST__SXFER) {
        plan->cls = same ? ST__COPY : ST__CONVERT;
        return 0;
    }
    plan->refuses = false;
    if (same || all_stay(plan) || plain_bytes(plan)) {
        plan->cls = plan->o->size == plan->n->size ? ST__COPY : ST__BYTES;
        plan->moves = plan->o->size != plan->n->size;
        return 0;
    }
    magic_type_spell(plan->n, name, sizeof(name));
    return st__plan_refuse(p, plan,
        "%s changed: say which member holds the value, with union_by=TAG: VALUE=MEMBER, ...", name);
}

/* -- the rule ----------------------------------------------------------------------------- */

/** A rule while it is read: the text, and the versions its names are of. */
struct rule {
    struct st__text text;
    bool of_new;
    struct st__plan *plan; /* of the structure */
    struct st__member *member;
    const struct st__plan *inner; /* of the union */
};

static bool find_rule(const struct st__pairing *p, struct rule *r)
{
    const struct magic_member *o = r->member->o, *n = r->member->n;
    const struct magic_type *ot = magic_type_strip(o->type), *nt = magic_type_strip(n->type);

    r->of_new = st__attr(p, n, n->attrs, "union_by", &r->text) ||
                st__attr(p, nt, nt->attrs, "union_by", &r->text);
    return r->of_new || st__attr(p, o, o->attrs, "union_by", &r->text) ||
           st__attr(p, ot, ot->attrs, "union_by", &r->text);
}

static struct st__text trim(struct st__text t)
{
    while (t.len && (*t.at == ' ' || *t.at == '\t')) {
        t.at++;
        t.len--;
    }
    while (t.len && (t.at[t.len - 1] == ' ' || t.at[t.len - 1] == '\t'))
        t.len--;
    return t;
}

/* Cut `text` at `mark`: what is before it, and *rest after it; all of it if there is none. */
static struct st__text cut(struct st__text text, char mark, struct st__text *rest)
{
    const char *at = memchr(text.at, mark, text.len);
    struct st__text first = { text.at, at ? (size_t) (at - text.at) : text.len };

    *rest = at ? (struct st__text) { at + 1, text.len - first.len - 1 }
               : (struct st__text) { text.at + text.len, 0 };
    return trim(first);
}

static bool is_name(struct st__text text, const char *name)
{
    return strlen(name) == text.len && memcmp(name, text.at, text.len) == 0;
}

/* The member pair whose name on the rule's side is `name`. */
static const struct st__member *find_member(
    const struct st__plan *plan, bool of_new, struct st__text name)
{
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];
        const struct magic_member *side = of_new ? m->n : m->o;

        if (side && is_name(name, side->name))
            return m;
    }
    return NULL;
}

static bool enumerator_value(
    const struct st__pairing *p, const struct rule *r, struct st__text name, int64_t *ret)
{
    struct magic_error ignored;
    int64_t found;

    if (magic_table_find_enumerator(p->ot, name.at, name.len, ret, &ignored) == 0)
        return true;
    /* The name is the new version's, the value is looked for in the old one: for an enumerator that
     * was renamed the two must agree. */
    if (!r->of_new || magic_table_find_enumerator(p->nt, name.at, name.len, &found, &ignored) != 0)
        return false;
    *ret = found;
    return true;
}

/* One "VALUE=MEMBER". Returns false if it cannot be understood. */
static bool read_case(
    const struct st__pairing *p, const struct rule *r, struct st__text text, struct st__case *ret)
{
    struct st__text member, value = cut(text, '=', &member);
    char number[32] = "", *end;

    ret->member = find_member(r->inner, r->of_new, trim(member));
    ret->any = is_name(value, "*");
    if (ret->any || !value.len || value.len >= sizeof(number))
        return ret->any;
    memcpy(number, value.at, value.len);
    ret->value = strtoll(number, &end, 0);
    return !*end || enumerator_value(p, r, value, &ret->value);
}

static int bad_rule(struct st__pairing *p, struct rule *r, const char *why, struct st__text at)
{
    struct st__plan *plan = magic_arena_alloc(p->arena, sizeof(*plan));

    if (!plan)
        return MAGIC_ENOMEM;
    plan->o = magic_type_strip(r->member->o->type);
    plan->n = magic_type_strip(r->member->n->type);
    r->member->plan = plan;
    return st__plan_refuse(p, plan, "union_by=%.*s: %s: %.*s", (int) r->text.len, r->text.at, why,
        (int) at.len, at.at);
}

static int read_cases(
    struct st__pairing *p, struct rule *r, struct st__text list, struct st__choice *choice)
{
    struct st__case *cases;
    size_t room = 1;

    for (size_t i = 0; i < list.len; i++)
        room += list.at[i] == ',';
    choice->cases = cases = magic_arena_array(p->arena, room, sizeof(*cases));
    if (!cases)
        return MAGIC_ENOMEM;
    while (list.len) {
        struct st__text one = cut(list, ',', &list);

        if (!read_case(p, r, one, &cases[choice->n]))
            return bad_rule(p, r, "not a number, an enumerator or *", one);
        /* A member that only the new version has cannot be in use. */
        choice->n += cases[choice->n].member != NULL;
    }
    return 0;
}

int st__plan_choice(struct st__pairing *p, struct st__plan *plan, struct st__member *m)
{
    struct rule r = { .plan = plan, .member = m };
    const struct st__member *tag;
    struct st__text list, name;
    struct st__choice *choice;
    int err;

    if (!find_rule(p, &r))
        return 0;
    r.inner = st__plan_as(p, m->o->type, m->n->type, ST__CHOSEN, NULL);
    choice = magic_arena_alloc(p->arena, sizeof(*choice));
    if (!r.inner || !choice)
        return MAGIC_ENOMEM;
    name = cut(r.text, ':', &list);
    tag = find_member(plan, r.of_new, name);
    if (!tag)
        return bad_rule(p, &r, "the structure has no such member in both versions", name);
    choice->tag = tag->o;
    err = read_cases(p, &r, list, choice);
    if (err || m->plan)
        return err;
    m->plan = r.inner;
    m->choice = r.inner->cls == ST__COPY ? NULL : choice;
    return 0;
}
