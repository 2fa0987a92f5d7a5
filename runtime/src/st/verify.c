/* SPDX-License-Identifier: BSD-2-Clause
 *
 * After the scan: no pointer to a changed structure may lead to memory that nobody converted.
 *
 * An object from a pool, or from an allocation whose type could not be told, is opaque: it stayed
 * as it was. If its type did not change that is right. If it did, new code would read it with the
 * wrong layout, and this is where that is noticed: every declared pointer to a structure that
 * changed has to lead to a variable or to a heap object of known type. If that type is a guess, the
 * pointer has to agree with it (late.c). Only types that can hold such a pointer are walked; where no
 * structure changed, nothing is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "st/transfer.h"

struct verify {
    struct st__walk walk; /* first */
    bool *changed;        /**< by new type id: a structure whose layout changed */
    bool late;            /**< some object that was typed late changed */
    uint8_t *leads;       /**< by new type id: 0 unknown, 1 no, 2 holds such a pointer */
};

enum { UNKNOWN, NO, YES };

static bool is_struct(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION;
}

/* Mark new structures whose old version has another layout; *any tells if there are some. A late-typed
 * object can only have changed if one did. */
static int find_changed(struct verify *v, bool *any)
{
    struct st__transfer *t = v->walk.t;

    for (size_t i = 0; i < t->p.ot->n_types; i++) {
        const struct magic_type *o = &t->p.ot->types[i], *n;
        const struct st__plan *plan;

        if (!is_struct(o) || !o->name[0] || (o->flags & MAGIC_TYPE_INCOMPLETE))
            continue;
        n = st__pair_type(&t->p, o, NULL);
        if (!n)
            continue;
        plan = st__plan(&t->p, o, n);
        if (!plan)
            return MAGIC_ENOMEM;
        if (plan->cls != ST__COPY)
            *any = v->changed[n->id] = true;
    }
    for (uint32_t i = 1; i < t->n_kinds && !v->late; i++)
        v->late = st__late_changed(t, i);
    return 0;
}

/* True if a pointer to this is worth a look. */
static bool matters(const struct verify *v, const struct magic_type *pointee)
{
    return v->changed[pointee->id] ||
           (v->late && (is_struct(pointee) || pointee->kind == MAGIC_KIND_POINTER));
}

static bool leads(struct st__walk *w, const struct magic_type *type, uintptr_t at)
{
    struct verify *v = (struct verify *) w;
    bool found = false;

    type = magic_type_strip(type);
    if (v->leads[type->id] != UNKNOWN)
        return v->leads[type->id] == YES;
    if (type->kind == MAGIC_KIND_POINTER)
        found = matters(v, magic_type_strip(type->target));
    else if (type->kind == MAGIC_KIND_ARRAY)
        found = leads(w, type->target, at);
    else if (type->kind == MAGIC_KIND_STRUCT)
        for (uint32_t i = 0; i < type->count && !found; i++)
            found = leads(w, type->members[i].type, at);
    v->leads[type->id] = found ? YES : NO;
    return found;
}

static bool is_known(struct st__transfer *t, uintptr_t p)
{
    struct magic__object obj;
    uintptr_t lo;

    if (p == 0 || (p >= t->new->span.lo &&p < t->new->span.hi))
        return true;
    if (st__new_tls_at(t, p, &lo) || st__new_tls_at(t, p - 1, &lo))
        return true;
    if (magic__heap_find(p, &obj) || magic__heap_find(p - 1, &obj))
        return true;
    /* A mark such as (struct x *)-1 leads nowhere. */
    return !st__is_scanned(t, p) && !(p >= t->old->span.lo && p < t->old->span.hi);
}

static int check_pointer(
    struct st__walk *w, const struct magic_type *type, uintptr_t at, const struct st__path *path)
{
    const struct magic_type *pointee = magic_type_strip(type->target);
    bool changed = ((struct verify *) w)->changed[pointee->id];
    char spelled[96], sites[200];
    uintptr_t p, marked;

    memcpy(&p, (const void *) at, sizeof(p));
    /* As the scan does, take low bits for marks. */
    marked = p;
    p &= -(uintptr_t) pointee->align;
    if (st__late_is_other(w->t, p, pointee, changed))
        return st__late_refuse(w->t, p, pointee, path);
    if (!changed || is_known(w->t, marked) || is_known(w->t, p))
        return 0;
    magic_type_spell(pointee, spelled, sizeof(spelled));
    return st__judge(w->t, ST__POLICY_unknown, MAGIC_ENOTSUP, path, pointee,
        "points to memory of unknown type at %#" PRIxPTR ", and %s changed; %s", marked, spelled,
        st__unknown_sites(w->t, sites, sizeof(sites)));
}

int st__verify(struct st__transfer *t)
{
    struct verify v = { .walk = { .t = t, .enters = leads, .visit = check_pointer } };
    bool any = false;
    int err;

    v.changed = magic_arena_array(&t->arena, t->p.nt->n_types + 1, sizeof(*v.changed));
    v.leads = magic_arena_array(&t->arena, t->p.nt->n_types + 1, sizeof(*v.leads));
    if (!v.changed || !v.leads)
        return MAGIC_ENOMEM;
    err = find_changed(&v, &any);
    return !err && any ? st__walk(&v.walk) : err;
}
