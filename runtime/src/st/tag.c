/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Marks that a program keeps in the low bits of a pointer without saying so.
 *
 * Addresses of structures are multiples of their alignment, so a pointer to one that is not carries a
 * mark; and no pointer leads into the middle of a number or of another pointer, unless it is one to
 * bytes. Only then are low bits taken for a mark: a structure that is packed, or an array of bytes, has
 * things at such addresses.
 */
#include "st/transfer.h"

/** The lowest bits that programs use. */
enum { MARK_BITS = 7 };

/* One step down a plan, to the part that holds byte *off of the old value; NULL at a leaf, and where the
 * old type does not say. */
static const struct st__plan *part_at(const struct st__plan *p, uint64_t *off)
{
    if (p->inner)
        p = p->inner;
    if (p->o->kind == MAGIC_KIND_ARRAY && p->elem && p->elem->o->size) {
        *off %= p->elem->o->size;
        return p->elem;
    }
    for (size_t i = 0; p->o->kind == MAGIC_KIND_STRUCT && i < p->n_members; i++) {
        const struct st__member *m = &p->members[i];
        uint64_t lo = m->o->bit_offset / 8;

        if (m->o->bit_size || *off < lo || *off - lo >= magic_type_strip(m->o->type)->size)
            continue;
        *off -= lo;
        return m->plan;
    }
    return NULL;
}

/* True if a value of the new type `want` begins at byte `off` of what the plan is for. */
static bool begins_at(const struct st__plan *p, uint64_t off, const struct magic_type *want)
{
    for (; p; p = part_at(p, &off))
        if (off == 0 && p->n == want)
            return true;
    return false;
}

static bool is_whole(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_POINTER || type->kind == MAGIC_KIND_INTEGER ||
           type->kind == MAGIC_KIND_ENUM || type->kind == MAGIC_KIND_FLOAT;
}

/* How far byte `off` lies in the number or pointer that holds it; 0 if it begins one. */
static uint64_t depth(const struct st__plan *p, uint64_t off)
{
    const struct st__plan *inner;

    while ((inner = part_at(p, &off)) != NULL)
        p = inner;
    return is_whole(p->o) ? off : 0;
}

static uint64_t mark_of(
    const struct st__plan *p, uint64_t off, uintptr_t addr, const struct magic_type *want)
{
    uint64_t mark;

    if (want && want->kind != MAGIC_KIND_VOID) {
        mark = want->align > 1 ? addr & (want->align - 1) & MARK_BITS : 0;
        return mark && mark <= off && begins_at(p, off - mark, want) ? mark : 0;
    }
    mark = depth(p, off);
    return mark <= MARK_BITS ? mark : 0;
}

int st__tagged_offset(const struct st__plan *p, uint64_t off, uintptr_t addr,
    const struct magic_type *want, uint64_t *ret)
{
    uint64_t mark = addr & MARK_BITS ? mark_of(p, off, addr, want) : 0;
    int err = st__plan_offset(p, off - mark, want, ret);

    if (!err)
        *ret += mark;
    return err;
}
