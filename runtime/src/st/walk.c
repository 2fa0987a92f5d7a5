/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A walk over the declared pointers of the new state: variables, and heap objects of known type.
 *
 * Unlike the scan it knows each pointer's type and path, and costs a step for each part of a value,
 * so its users say which types are worth it. It sees memory after conversion: old copies of objects
 * that were rebuilt are left out, unions are not entered.
 */
#include <inttypes.h>
#include <stdio.h>

#include "st/transfer.h"

static int walk_value(
    struct st__walk *w, const struct magic_type *type, uintptr_t at, const struct st__path *path)
{
    int err = 0;

    type = magic_type_strip(type);
    if (!w->enters(w, type, at))
        return 0;
    if (type->kind == MAGIC_KIND_POINTER)
        return w->visit(w, type, at, path);
    if (type->kind == MAGIC_KIND_ARRAY) {
        uint64_t size = magic_type_strip(type->target)->size;

        for (uint64_t i = 0; i < type->nelems && !err; i++) {
            struct st__path here = { path, NULL, i };

            err = walk_value(w, type->target, at + i * size, &here);
        }
        return err;
    }
    for (uint32_t i = 0; type->kind == MAGIC_KIND_STRUCT && i < type->count && !err; i++) {
        struct st__path here = { path, type->members[i].name, 0 };

        err = walk_value(w, type->members[i].type, at + type->members[i].bit_offset / 8, &here);
    }
    return err;
}

static int walk_vars(struct st__walk *w)
{
    struct st__transfer *t = w->t;
    int err = 0;

    for (size_t i = 0; i < t->p.nt->n_vars && !err; i++) {
        const struct magic_var *var = &t->p.nt->vars[i];
        uintptr_t at = (uintptr_t) magic__image_var_addr(t->new, var);

        if ((var->flags & MAGIC_VAR_CONST) || !w->enters(w, var->type, at))
            continue;
        t->subject = (struct st__subject) { .var = var };
        err = walk_value(w, var->type, at, NULL);
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
    struct st__walk *w, const struct magic__object *obj, const struct magic_type *type)
{
    uint64_t size = magic_type_strip(type)->size, n = st__elements(obj, size);
    int err = 0;

    w->t->subject = (struct st__subject) { .new_addr = obj->addr };
    st__kind_subject(w->t, obj->kind, &w->t->subject);
    for (uint64_t i = 0; i < n && !err; i++) {
        struct st__path path = { NULL, NULL, i };

        err = walk_value(w, type, obj->addr + i * size, n > 1 ? &path : NULL);
    }
    return err;
}

/* True if something in a row of values of a type is to be walked; the row begins aligned. */
static bool holds(struct st__walk *w, const struct magic_type *type)
{
    type = magic_type_strip(type);
    return w->enters(w, type, 0) || (type->size % 8 && w->enters(w, type, 1));
}

/* For each kind the type to walk its objects by; NULL where nothing can be wrong. True if there
 * are such kinds among those whose objects stayed where they were. */
static bool types_to_walk(struct st__walk *w, const struct magic_type **types, uint32_t n_kinds)
{
    bool any = false;

    for (uint32_t i = 1; i < n_kinds; i++) {
        types[i] = object_type(w->t, i);
        if (types[i] && !holds(w, types[i]))
            types[i] = NULL;
        any = any || (types[i] && !w->t->kinds[i].old_kind);
    }
    return any;
}

static int walk_moved(struct st__walk *w, const struct magic_type **types)
{
    size_t n = w->t->map ? w->t->map->n : 0;

    for (size_t i = 0; i < n; i++) {
        const struct st__moved *m = st__map_at(w->t->map, i);
        const struct st__kind_plan *k = &w->t->kinds[m->kind];
        struct magic__object obj = { .addr = m->n, .kind = k->new_kind };
        int err = 0;

        if (k->new_kind && types[k->new_kind]) {
            obj.size = st__shape(k, magic__kind(m->kind)->flags, m->size).size;
            err = walk_object(w, &obj, types[k->new_kind]);
        }
        if (err)
            return err;
    }
    return 0;
}

static int walk_heap(struct st__walk *w)
{
    uint32_t n_kinds = magic__kind_count();
    const struct magic_type **types;
    struct magic__object batch[MAGIC__HEAP_BATCH];
    uintptr_t at = 0;
    size_t n;

    types = magic_arena_array(&w->t->arena, n_kinds, sizeof(*types));
    if (!types)
        return MAGIC_ENOMEM;
    if (!types_to_walk(w, types, n_kinds))
        return walk_moved(w, types); /* the many others need not be visited */
    while ((n = magic__heap_batch(&at, UINTPTR_MAX, batch)) > 0)
        for (size_t i = 0; i < n; i++) {
            const struct magic_type *type = types[batch[i].kind];
            int err = type ? walk_object(w, &batch[i], type) : 0;

            if (err)
                return err;
        }
    return 0;
}

int st__walk(struct st__walk *w)
{
    int err = walk_vars(w);

    return err ? err : walk_heap(w);
}
