/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What a word of memory is: a declared pointer, something else, or part of a dead object.
 *
 * The scan asks only for words whose value leads to something that moved, so this may take a few
 * look-ups. It sees memory after conversion: variables of the new image, rebuilt objects under
 * their new kind, all others under the old kind, whose layout is the new one's too.
 */
#include <inttypes.h>
#include <stdio.h>

#include "st/transfer.h"

/** Where a walk down a type is: the part that holds byte `off`, counted from its start. */
struct place {
    const struct magic_type *type;
    uint64_t off;
    const struct magic_member *member; /**< the last one on the way, or NULL */
};

/* One step down, into an element or member. False at a leaf, or where the table does not say (unions,
 * padding). Adds the step to the path. */
static bool step(struct place *at, char *path, size_t size, size_t *used)
{
    const struct magic_type *type = magic_type_strip(at->type);

    if (type->kind == MAGIC_KIND_ARRAY) {
        uint64_t elem = magic_type_strip(type->target)->size;

        if (!elem)
            return false;
        if (*used < size)
            *used += (size_t) snprintf(path + *used, size - *used, "[%" PRIu64 "]", at->off / elem);
        at->off %= elem;
        at->type = type->target;
        return true;
    }
    if (type->kind != MAGIC_KIND_STRUCT)
        return false;
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *m = &type->members[i];
        uint64_t lo = m->bit_offset / 8;

        if (m->bit_size || at->off < lo || at->off - lo >= magic_type_strip(m->type)->size)
            continue;
        if (m->name[0] && *used < size)
            *used += (size_t) snprintf(path + *used, size - *used, ".%s", m->name);
        *at = (struct place) { m->type, at->off - lo, m };
        return true;
    }
    return false;
}

const char *st__slot_path(const struct magic_type *type, uint64_t off, char *buf, size_t size)
{
    struct place at = { type, off, NULL };
    size_t used = 0;

    buf[0] = '\0';
    while (step(&at, buf, size, &used))
        ;
    return buf;
}

bool st__is_pointer_at(const struct magic_type *type, uint64_t off)
{
    struct place at = { type, off, NULL };
    size_t used = 0;

    while (step(&at, NULL, 0, &used))
        ;
    return at.off == 0 && magic_type_strip(at.type)->kind == MAGIC_KIND_POINTER;
}

/* A mark in the lowest bits of a word, which an attribute tells of. */
static uint64_t tag_of(const struct st__transfer *t, const struct place *at)
{
    uint64_t mask = at->member ? st__tag_mask(&t->p, at->member, at->member->attrs) : 0;

    for (const struct magic_type *type = at->type; !mask; type = type->target) {
        mask = st__tag_mask(&t->p, type, type->attrs);
        if (type->kind != MAGIC_KIND_TYPEDEF)
            break;
    }
    return mask;
}

/* What users asked for on the way from the whole to the word. */
static enum st__how steer(
    const struct st__transfer *t, const struct place *at, enum st__how so_far, uint64_t *tag)
{
    enum st__how how =
        at->member ? st__how_member(&t->p, at->member) : st__how_type(&t->p, at->type);
    uint64_t mask = tag_of(t, at);

    *tag = mask ? mask : *tag;
    return how != ST__TYPED ? how : so_far;
}

static void slot_in(struct st__transfer *t, struct st__slot *s, const struct magic_var *var,
    const struct magic_type *type, uint64_t off)
{
    struct place at = { type, off, NULL };
    enum st__how how = ST__TYPED;
    size_t used = 0;
    char path[1];

    s->type = type;
    s->offset = off;
    if (t->p.steered) {
        how = var ? st__how_var(&t->p, var) : st__how_type(&t->p, type);
        s->tag = var ? st__tag_mask(&t->p, var, var->attrs) : 0;
        how = steer(t, &at, how, &s->tag);
    }
    while (step(&at, path, 0, &used))
        if (t->p.steered)
            how = steer(t, &at, how, &s->tag);
    type = magic_type_strip(at.type);
    if (how == ST__IXFER || at.off != 0)
        return;
    if (type->kind == MAGIC_KIND_POINTER) {
        s->kind = ST__SLOT_POINTER;
        s->pointee = magic_type_strip(type->target);
    } else if (type->size == sizeof(void *) && (how == ST__PXFER || s->tag)) {
        s->kind = ST__SLOT_POINTER;
    }
}

/* The elements of an array at the end of a structure, which go on as far as the object does. */
static const struct magic_type *open_ended(const struct magic_type *type, uint64_t *start)
{
    const struct magic_member *last =
        type->kind == MAGIC_KIND_STRUCT && type->count ? &type->members[type->count - 1] : NULL;
    const struct magic_type *array = last ? magic_type_strip(last->type) : NULL;

    if (!array || array->kind != MAGIC_KIND_ARRAY || array->nelems ||
        !magic_type_strip(array->target)->size)
        return NULL;
    *start = last->bit_offset / 8;
    return array->target;
}

static void slot_in_object(
    struct st__transfer *t, const struct magic__object *obj, uintptr_t addr, struct st__slot *s)
{
    const struct magic__kind *kind = magic__kind(obj->kind);
    const struct st__kind_plan *k = obj->kind < t->n_kinds ? &t->kinds[obj->kind] : NULL;
    const struct magic_type *type, *tail;
    uint64_t off = addr - obj->addr, start, n;

    st__kind_subject(t, obj->kind, &s->subject);
    s->subject.new_addr = obj->addr;
    s->fresh = magic__image_of((uintptr_t) kind->type) == t->new && !t->kinds[obj->kind].old_kind;
    if ((k && k->new_kind) || (kind->flags & ST__KIND_DEAD)) {
        s->kind = ST__SLOT_DEAD;
        return;
    }
    type = k && k->n ? k->n : magic_table_type_at(t->p.nt, (uintptr_t) kind->type - t->new->base);
    if (!type)
        return;
    type = magic_type_strip(type);
    n = st__elements(obj, type->size);
    tail = n == 1 ? open_ended(type, &start) : NULL;
    if (tail && off >= start)
        slot_in(t, s, NULL, tail, (off - start) % magic_type_strip(tail)->size);
    else if (n && off < n * type->size) /* bytes behind are opaque */
        slot_in(t, s, NULL, type, off % type->size);
}

const struct magic_var *st__new_tls_at(const struct st__transfer *t, uintptr_t addr, uintptr_t *lo)
{
    for (size_t i = 0; i < t->n_new_tls; i++) {
        *lo = t->new_tls[i].lo;
        if (addr - *lo < t->new_tls[i].var->size)
            return t->new_tls[i].var;
    }
    return NULL;
}

static void slot_in_var(struct st__transfer *t, const struct magic_var *v, uintptr_t lo,
    uintptr_t addr, struct st__slot *s)
{
    s->subject.var = v;
    s->fresh = !t->p.var_from[v->id];
    s->subject.new_addr = lo;
    slot_in(t, s, v, v->type, addr - lo);
}

void st__slot(struct st__transfer *t, uintptr_t addr, struct st__slot *s)
{
    const struct magic_var *tls;
    struct magic__object obj;
    uintptr_t lo;

    *s = (struct st__slot) { .kind = ST__SLOT_OPAQUE, .subject.new_addr = addr };
    if (addr >= t->new->span.lo && addr < t->new->span.hi) {
        const struct magic_var *v = magic_table_var_at(t->p.nt, addr - t->new->base);

        if (v)
            slot_in_var(t, v, t->new->base + v->addr, addr, s);
    } else if ((tls = st__new_tls_at(t, addr, &lo))) {
        slot_in_var(t, tls, lo, addr, s);
    } else if (st__is_old_tls(t, addr)) {
        s->kind = ST__SLOT_DEAD;
    } else if (magic__heap_find(addr, &obj)) {
        slot_in_object(t, &obj, addr, s);
    }
}
