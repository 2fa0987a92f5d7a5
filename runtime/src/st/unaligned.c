/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Declared pointers that are not aligned: members of packed structures.
 *
 * The scan looks at aligned words only, because no other word of unknown memory is a pointer for all
 * practical purposes. What the table declares is a pointer wherever it lies; where that is not
 * aligned, it is forwarded here. Few programs have such types, and only their values are visited.
 */
#include "st/transfer.h"

struct unaligned {
    struct st__walk walk; /* first */
    uint8_t *holds;       /**< by new type id */
};

enum { UNKNOWN, NO, YES };

static bool enters(struct st__walk *w, const struct magic_type *type, uintptr_t at);

/* True if some declared pointer in an aligned value of the type is not aligned. */
static bool holds_unaligned(struct st__walk *w, const struct magic_type *type)
{
    if (type->kind == MAGIC_KIND_ARRAY) {
        const struct magic_type *elem = magic_type_strip(type->target);

        return enters(w, elem, 0) || (type->nelems != 1 && enters(w, elem, elem->size));
    }
    if (type->kind != MAGIC_KIND_STRUCT)
        return false;
    for (uint32_t i = 0; i < type->count; i++)
        if (enters(w, type->members[i].type, type->members[i].bit_offset / 8))
            return true;
    return false;
}

static bool enters(struct st__walk *w, const struct magic_type *type, uintptr_t at)
{
    struct unaligned *u = (struct unaligned *) w;

    type = magic_type_strip(type);
    if (!(type->flags & MAGIC_TYPE_HAS_POINTERS) && type->kind != MAGIC_KIND_POINTER)
        return false;
    if (at % sizeof(void *))
        return true;
    if (u->holds[type->id] == UNKNOWN)
        u->holds[type->id] = holds_unaligned(w, type) ? YES : NO;
    return u->holds[type->id] == YES;
}

static int visit(
    struct st__walk *w, const struct magic_type *type, uintptr_t at, const struct st__path *path)
{
    (void) type;
    (void) path;
    return at % sizeof(void *) ? st__scan_word(w->t, at) : 0;
}

int st__scan_unaligned(struct st__transfer *t)
{
    struct unaligned u = { .walk = { .t = t, .enters = enters, .visit = visit } };

    u.holds = magic_arena_array(&t->arena, t->p.nt->n_types + 1, sizeof(*u.holds));
    return u.holds ? st__walk(&u.walk) : MAGIC_ENOMEM;
}
