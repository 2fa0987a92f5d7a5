/* SPDX-License-Identifier: BSD-2-Clause
 *
 * After the scan: no pointer to a changed structure may lead to memory that nobody converted.
 *
 * An object from a pool, or from an allocation whose type could not be told, is opaque: it stayed
 * as it was. If its type did not change that is right. If it did, new code would read it with the
 * wrong layout, and this is where that is noticed: every declared pointer to a structure that
 * changed has to lead to a variable or to a heap object of known type. Only types that can hold
 * such a pointer are walked; where no structure changed, nothing is.
 */
#include <inttypes.h>
#include <stdio.h>

#include "st/transfer.h"

struct verify {
    struct st__transfer *t;
    bool *changed;  /**< by new type id: a structure whose layout changed */
    uint8_t *leads; /**< by new type id: 0 unknown, 1 no, 2 holds such a pointer */
};

enum { UNKNOWN, NO, YES };

static bool is_struct(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_STRUCT || type->kind == MAGIC_KIND_UNION;
}

/* Mark new structures whose old version has another layout; *any tells if there are some. */
static int find_changed(struct verify *v, bool *any)
{
    struct st__transfer *t = v->t;

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
    return 0;
}

static bool leads(struct verify *v, const struct magic_type *type)
{
    bool found = false;

    type = magic_type_strip(type);
    if (v->leads[type->id] != UNKNOWN)
        return v->leads[type->id] == YES;
    if (type->kind == MAGIC_KIND_POINTER)
        found = v->changed[magic_type_strip(type->target)->id];
    else if (type->kind == MAGIC_KIND_ARRAY)
        found = leads(v, type->target);
    else if (type->kind == MAGIC_KIND_STRUCT)
        for (uint32_t i = 0; i < type->count && !found; i++)
            found = leads(v, type->members[i].type);
    v->leads[type->id] = found ? YES : NO;
    return found;
}

static bool is_known(struct st__transfer *t, uintptr_t p)
{
    struct magic__object obj;

    if (p == 0 || (p >= t->new->span.lo &&p < t->new->span.hi))
        return true;
    if (t->rebuilt && st__is_marked(t->rebuilt, p))
        return true;
    if (magic__heap_find(p, &obj) || magic__heap_find(p - 1, &obj))
        return true;
    /* A mark such as (struct x *)-1 leads nowhere. */
    return !st__is_scanned(t, p) && !(p >= t->old->span.lo && p < t->old->span.hi);
}

static int check_pointer(
    struct verify *v, const struct magic_type *type, uintptr_t at, const struct st__path *path)
{
    const struct magic_type *pointee = magic_type_strip(type->target);
    char spelled[96];
    uintptr_t p = *(const uintptr_t *) at;

    if (is_known(v->t, p))
        return 0;
    magic_type_spell(pointee, spelled, sizeof(spelled));
    return st__fail(v->t, MAGIC_ENOTSUP, path, pointee,
        "points to memory of unknown type at "
        "%#" PRIxPTR ", and %s changed",
        p, spelled);
}

static int walk(
    struct verify *v, const struct magic_type *type, uintptr_t at, const struct st__path *path)
{
    int err = 0;

    if (!leads(v, type))
        return 0;
    type = magic_type_strip(type);
    if (type->kind == MAGIC_KIND_POINTER)
        return check_pointer(v, type, at, path);
    if (type->kind == MAGIC_KIND_ARRAY) {
        uint64_t size = magic_type_strip(type->target)->size;

        for (uint64_t i = 0; i < type->nelems && !err; i++) {
            struct st__path here = { path, NULL, i };

            err = walk(v, type->target, at + i * size, &here);
        }
        return err;
    }
    for (uint32_t i = 0; i < type->count && !err; i++) {
        struct st__path here = { path, type->members[i].name, 0 };

        err = walk(v, type->members[i].type, at + type->members[i].bit_offset / 8, &here);
    }
    return err;
}

static int walk_vars(struct verify *v)
{
    struct st__transfer *t = v->t;
    int err = 0;

    for (size_t i = 0; i < t->p.nt->n_vars && !err; i++) {
        const struct magic_var *var = &t->p.nt->vars[i];

        if ((var->flags & MAGIC_VAR_CONST) || !leads(v, var->type))
            continue;
        t->subject = (struct st__subject) { .var = var };
        err = walk(v, var->type, (uintptr_t) magic__image_var_addr(t->new, var), NULL);
    }
    return err;
}

/* The type of a live object's elements, or NULL: an old copy, or opaque by now. */
static const struct magic_type *object_type(struct st__transfer *t, uint32_t kind)
{
    const struct magic_type_rec *rec = magic__kind(kind)->type;

    if (kind < t->n_kinds && t->kinds[kind].o)
        return t->kinds[kind].new_kind ? NULL : t->kinds[kind].n;
    return rec ? magic_table_type_at(t->p.nt, (uintptr_t) rec - t->new->base) : NULL;
}

static int walk_object(
    struct verify *v, const struct magic__object *obj, const struct magic_type *type)
{
    uint64_t size = magic_type_strip(type)->size, n = size ? obj->size / size : 0;
    int err = 0;

    if (magic__kind(obj->kind)->flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_TAIL))
        n = n ? 1 : 0;
    v->t->subject = (struct st__subject) { .new_addr = obj->addr };
    st__kind_subject(v->t, obj->kind, &v->t->subject);
    for (uint64_t i = 0; i < n && !err; i++)
        err = walk(v, type, obj->addr + i * size, NULL);
    return err;
}

/* For each kind the type to walk its objects by; NULL where nothing can be wrong. True if there
 * are such kinds among those whose objects stayed where they were. */
static bool types_to_walk(struct verify *v, const struct magic_type **types, uint32_t n_kinds)
{
    bool any = false;

    for (uint32_t i = 1; i < n_kinds; i++) {
        types[i] = object_type(v->t, i);
        if (types[i] && !leads(v, types[i]))
            types[i] = NULL;
        any = any || (types[i] && !st__is_rebuilt_kind(v->t, i));
    }
    return any;
}

static int walk_moved(struct verify *v, const struct magic_type **types)
{
    struct magic__object obj;

    for (const struct st__moved *m = v->t->moved; m; m = m->older)
        for (size_t i = 0; i < m->n; i++) {
            int err = 0;

            if (magic__heap_find(m->at[i].n, &obj) && types[obj.kind])
                err = walk_object(v, &obj, types[obj.kind]);
            if (err)
                return err;
        }
    return 0;
}

static int walk_heap(struct verify *v)
{
    uint32_t n_kinds = magic__kind_count();
    const struct magic_type **types;
    struct magic__object batch[MAGIC__HEAP_BATCH];
    uintptr_t at = 0;
    size_t n;

    types = magic_arena_array(&v->t->arena, n_kinds, sizeof(*types));
    if (!types)
        return MAGIC_ENOMEM;
    if (!types_to_walk(v, types, n_kinds))
        return walk_moved(v, types); /* the many others need not be visited */
    while ((n = magic__heap_batch(&at, UINTPTR_MAX, batch)) > 0)
        for (size_t i = 0; i < n; i++) {
            const struct magic_type *type = types[batch[i].kind];
            int err = type ? walk_object(v, &batch[i], type) : 0;

            if (err)
                return err;
        }
    return 0;
}

int st__verify(struct st__transfer *t)
{
    struct verify v = { .t = t };
    bool any = false;
    int err;

    v.changed = magic_arena_array(&t->arena, t->p.nt->n_types + 1, sizeof(*v.changed));
    v.leads = magic_arena_array(&t->arena, t->p.nt->n_types + 1, sizeof(*v.leads));
    if (!v.changed || !v.leads)
        return MAGIC_ENOMEM;
    err = find_changed(&v, &any);
    if (!err && any)
        err = walk_vars(&v);
    return !err && any ? walk_heap(&v) : err;
}
