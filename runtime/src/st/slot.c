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

/* One step from a type to the part of it that holds byte *off: the part, or NULL at a leaf or
 * where the table does not say (unions, padding). Adds the step to the path. */
static const struct magic_type *step(
    const struct magic_type *type, uint64_t *off, char *path, size_t size, size_t *used)
{
    if (type->kind == MAGIC_KIND_ARRAY) {
        uint64_t elem = magic_type_strip(type->target)->size;

        if (!elem)
            return NULL;
        if (*used < size)
            *used += (size_t) snprintf(path + *used, size - *used, "[%" PRIu64 "]", *off / elem);
        *off %= elem;
        return type->target;
    }
    if (type->kind != MAGIC_KIND_STRUCT)
        return NULL;
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *m = &type->members[i];
        uint64_t lo = m->bit_offset / 8;

        if (m->bit_size || *off < lo || *off - lo >= magic_type_strip(m->type)->size)
            continue;
        if (m->name[0] && *used < size)
            *used += (size_t) snprintf(path + *used, size - *used, ".%s", m->name);
        *off -= lo;
        return m->type;
    }
    return NULL;
}

/* The innermost type that holds byte *off. */
static const struct magic_type *descend(
    const struct magic_type *type, uint64_t *off, char *path, size_t size)
{
    size_t used = 0;

    for (;;) {
        const struct magic_type *inner;

        type = magic_type_strip(type);
        inner = step(type, off, path, size, &used);
        if (!inner)
            return type;
        type = inner;
    }
}

const char *st__slot_path(const struct magic_type *type, uint64_t off, char *buf, size_t size)
{
    buf[0] = '\0';
    descend(type, &off, buf, size);
    return buf;
}

static void slot_in(struct st__slot *s, const struct magic_type *type, uint64_t off)
{
    char path[1];

    s->type = type;
    s->offset = off;
    type = descend(type, &off, path, 0);
    if (type->kind == MAGIC_KIND_POINTER && off == 0) {
        s->kind = ST__SLOT_POINTER;
        s->pointee = magic_type_strip(type->target);
    }
}

static void slot_in_object(
    struct st__transfer *t, const struct magic__object *obj, uintptr_t addr, struct st__slot *s)
{
    const struct magic__kind *kind = magic__kind(obj->kind);
    const struct magic_type *type;
    uint64_t off = addr - obj->addr;

    st__kind_subject(t, obj->kind, &s->subject);
    s->subject.new_addr = obj->addr;
    s->fresh =
        magic__image_of((uintptr_t) kind->type) == t->new && !st__is_rebuilt_kind(t, obj->kind);
    if (obj->kind < t->n_kinds && t->kinds[obj->kind].new_kind) {
        s->kind = ST__SLOT_DEAD;
        return;
    }
    type = obj->kind < t->n_kinds && t->kinds[obj->kind].n
               ? t->kinds[obj->kind].n
               : magic_table_type_at(t->p.nt, (uintptr_t) kind->type - t->new->base);
    if (!type)
        return;
    /* Bytes after the one element of a site that adds a tail are opaque. */
    if ((kind->flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_TAIL)) && off >= kind->elem_size)
        return;
    slot_in(s, type, off % (type->size ? type->size : 1));
}

void st__slot(struct st__transfer *t, uintptr_t addr, struct st__slot *s)
{
    struct magic__object obj;

    *s = (struct st__slot) { .kind = ST__SLOT_OPAQUE };
    if (addr >= t->new->span.lo && addr < t->new->span.hi) {
        const struct magic_var *v = magic_table_var_at(t->p.nt, addr - t->new->base);

        if (v) {
            s->subject.var = v;
            s->fresh = !t->p.var_from[v->id];
            s->subject.new_addr = t->new->base + v->addr;
            slot_in(s, v->type, addr - s->subject.new_addr);
        }
    } else if (magic__heap_find(addr, &obj)) {
        slot_in_object(t, &obj, addr, s);
    }
}
