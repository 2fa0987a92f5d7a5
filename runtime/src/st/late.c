/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Late-typed objects whose type is a mistake.
 *
 * Late typing (heap/wrap_late.c) believes that a block is what it was received as until it is freed. An
 * allocator that keeps blocks and gives them out again makes that untrue, and nothing that it does can be
 * seen. What can be seen, when the type changed, is that memory does not look like it: a declared pointer
 * to the object says otherwise, or the object holds the address of another where its type has two numbers,
 * as the blocks of a free list do. Both refuse, because converting would destroy what is really there.
 */
#include <inttypes.h>
#include <string.h>

#include "st/transfer.h"

#define WHAT_TO_DO \
    "; if its allocator reuses blocks, name it to sef-cc with --sef-pool, else with --sef-alloc"

/* The plan of a kind of late-typed objects, or NULL. */
static struct st__kind_plan *late_plan(struct st__transfer *t, uint32_t kind)
{
    struct st__kind_plan *k = &t->kinds[kind];

    if (!(magic__kind(kind)->flags & MAGIC_SITE_LATE))
        return NULL;
    if (k->old_kind)
        k = &t->kinds[k->old_kind];
    return k->plan ? k : NULL;
}

bool st__late_changed(struct st__transfer *t, uint32_t kind)
{
    struct st__kind_plan *k = late_plan(t, kind);

    return k && k->objects && k->plan->cls != ST__COPY;
}

/* -- pointers to them --------------------------------------------------------------------- */

static bool is_member_of(const struct st__plan *p, const struct magic_member *n)
{
    for (size_t i = 0; i < p->n_members; i++)
        if (p->members[i].n == n)
            return true;
    return false;
}

/* True if the first `size` bytes are the same in both versions, whatever they mean. */
static bool begin_stays(const struct st__plan *p, uint64_t size)
{
    if (p->cls == ST__COPY)
        return size <= p->n->size;
    if (p->cls != ST__CONVERT || p->o->kind != MAGIC_KIND_STRUCT || size > p->o->size)
        return false;
    for (size_t i = 0; i < p->n_members; i++) {
        const struct st__member *m = &p->members[i];

        if (m->o->bit_offset / 8 < size &&
            (!m->n || m->o->bit_offset != m->n->bit_offset || m->plan->cls != ST__COPY))
            return false;
    }
    for (uint32_t i = 0; i < p->n->count; i++)
        if (p->n->members[i].bit_offset / 8 < size && !is_member_of(p, &p->n->members[i]))
            return false;
    return size <= p->n->size;
}

/* True if a value of a type has a `want` at its start, however deep inside; or may have, in a union. */
static bool has_at_start(const struct magic_type *type, const struct magic_type *want)
{
    type = magic_type_strip(type);
    if (type == want || type->kind == MAGIC_KIND_UNION)
        return true;
    if (type->kind == MAGIC_KIND_ARRAY)
        return has_at_start(type->target, want);
    for (uint32_t i = 0; type->kind == MAGIC_KIND_STRUCT && i < type->count; i++)
        if (type->members[i].bit_offset == 0 && has_at_start(type->members[i].type, want))
            return true;
    return false;
}

bool st__late_is_other(
    struct st__transfer *t, uintptr_t p, const struct magic_type *want, bool want_changed)
{
    struct magic__object obj;
    const struct st__kind_plan *k;

    if (!magic__heap_find(p, &obj) || !(k = late_plan(t, obj.kind)))
        return false;
    if (!k->n->size || (p - obj.addr) % k->n->size || (!want_changed && k->plan->cls == ST__COPY))
        return false;
    if (has_at_start(k->n, want))
        return false;
    return want_changed || !begin_stays(k->plan, want->size);
}

int st__late_refuse(
    struct st__transfer *t, uintptr_t p, const struct magic_type *want, const struct st__path *path)
{
    struct magic__object obj;
    const struct st__kind_plan *k = NULL;
    char pointee[96], object[96];

    if (magic__heap_find(p, &obj))
        k = late_plan(t, obj.kind);
    if (!k)
        return 0;
    return st__judge(t, ST__POLICY_unknown, MAGIC_ENOTSUP, path, want,
        "points to a %s, but what is there at %#" PRIxPTR
        " was allocated as %s (%s:%u), and one of "
        "them changed" WHAT_TO_DO,
        magic_type_spell(want, pointee, sizeof(pointee)), p,
        magic_type_spell(k->o, object, sizeof(object)), k->site ? k->site->file : "?",
        k->site ? k->site->line : 0);
}

/* -- words in them ------------------------------------------------------------------------ */

/* True if the word at `off` of an old value is no pointer, and does not come to the new one whole. */
static bool is_torn(const struct st__plan *p, uint64_t off)
{
    uint64_t first, last;

    if (st__is_pointer_at(p->o, off))
        return false;
    if (st__plan_offset(p, off, NULL, &first) || st__plan_offset(p, off + 7, NULL, &last))
        return true;
    return last - first != 7;
}

/* Find the words of a kind's old elements that are torn. */
static int find_torn(struct st__transfer *t, struct st__kind_plan *k)
{
    uint64_t n = k->o->size / 8;

    k->torn = magic_arena_array(&t->arena, n + 1, sizeof(*k->torn));
    if (!k->torn)
        return st__fail(t, MAGIC_ENOMEM, NULL, NULL, "no memory to look at objects");
    for (uint64_t i = 0; i < n; i++)
        if (is_torn(k->plan, i * 8))
            k->torn[k->n_torn++] = (uint32_t) i * 8;
    return 0;
}

static bool is_late_object(uintptr_t addr)
{
    struct magic__object obj;

    return addr && magic__heap_find(addr, &obj) && obj.addr == addr &&
           (magic__kind(obj.kind)->flags & MAGIC_SITE_LATE);
}

int st__late_check(
    struct st__transfer *t, const struct magic__object *obj, const struct st__shape *shape)
{
    struct st__kind_plan *k = late_plan(t, obj->kind);
    uintptr_t word;
    int err = k && !k->torn ? find_torn(t, k) : 0;

    for (uint64_t i = 0; k && !err && i < shape->count; i++)
        for (uint32_t j = 0; j < k->n_torn && !err; j++) {
            uint64_t at = i * k->o->size + k->torn[j];
            char path[128];

            if (at + sizeof(word) > obj->size)
                return 0;
            memcpy(&word, (const void *) (obj->addr + at), sizeof(word));
            if (is_late_object(word))
                err = st__judge(t, ST__POLICY_unknown, MAGIC_ENOTSUP, NULL, k->o,
                    "holds an object's address at %s, which is no pointer and changed, as if it "
                    "were "
                    "in a list of free blocks" WHAT_TO_DO,
                    st__slot_path(k->o, k->torn[j], path, sizeof(path)));
        }
    return err;
}
