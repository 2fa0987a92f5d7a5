/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Late typing: blocks that were allocated during a call that nobody knows to allocate.
 *
 * Around such a call the pass leaves MAGIC_SITE_COLLECT in __magic_site. Blocks that are allocated
 * meanwhile get a record of a kind without type, and the thread remembers the last few. When the
 * call has returned, __magic_late() types the one that the call gave back, if its size is right, and
 * takes the others' records away. The record is what makes that safe: it goes when the block is freed,
 * so what has one is the start of a live block whose size is known.
 *
 * An allocator may keep what it is given back, without free(), and give it out again as another type.
 * So a result that was typed late before loses its type when something else receives it.
 */
#include <string.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

enum { NOTED = 8 };

/* The last blocks noted by this thread; `next` is the place of the oldest. */
static __thread struct {
    uintptr_t at[NOTED];
    unsigned next;
} noted __attribute__((tls_model("initial-exec")));

uint32_t magic__noted_kind; /* 0: none yet */

uint32_t magic__wrap_kind_of_noted(size_t size)
{
    uint32_t kind = __atomic_load_n(&magic__noted_kind, __ATOMIC_ACQUIRE);
    if (!kind) {
        magic__wrap_prepare();
        uint32_t made = magic__kind_new();
        if (__atomic_compare_exchange_n(
                &magic__noted_kind, &kind, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            kind = made;
        else if (made)
            magic__kind_release(made);
    }
    return size ? kind : 0;
}

/* Take a noted block's record away; its size, or 0 if it has gone or got another record since. */
static size_t take_noted(uintptr_t addr)
{
    struct magic__object object;
    if (!addr || !magic__heap_find(addr, &object) || object.addr != addr ||
        object.kind != magic__noted_kind)
        return 0;
    return magic__heap_take(addr, &object) ? object.size : 0;
}

void magic__wrap_note(uintptr_t addr)
{
    unsigned i = noted.next++ % NOTED;
    take_noted(noted.at[i]);
    noted.at[i] = addr;
    __magic_site = (struct magic_site_rec *) (uintptr_t) MAGIC_SITE_COLLECTED;
}

int magic__wrap_take(void *p, struct magic__object *ret)
{
    struct magic__object object;
    uintptr_t at = (uintptr_t) p;
    if (magic__heap_has_subs && magic__heap_find(at, &object) && object.addr == at &&
        magic__kind(object.kind)->flags & MAGIC_SITE_POOL)
        return 0;
    if (!magic__heap_take(at, &object) || object.kind == magic__noted_kind)
        return 0;
    *ret = object;
    return 1;
}

/* Whether two records are of one type; files see one structure with more or less of its parts. */
static int is_same(const struct magic_type_rec *a, const struct magic_type_rec *b)
{
    return a == b || a->hash == b->hash ||
           (a->kind == b->kind && a->size == b->size && a->name && b->name &&
               strcmp(MAGIC_REF_PTR(a->name), MAGIC_REF_PTR(b->name)) == 0);
}

/* What a value of a type begins with: its first member or element; NULL: nothing smaller. */
static const struct magic_type_rec *first_of(const struct magic_type_rec *type)
{
    if (type->kind == MAGIC_KIND_TYPEDEF || type->kind == MAGIC_KIND_ARRAY)
        return MAGIC_REF_PTR(type->target);
    if (type->kind == MAGIC_KIND_STRUCT && type->count)
        return MAGIC_REF_PTR(((const struct magic_member_rec *) (type + 1))->type);
    return NULL;
}

static int begins_with(const struct magic_type_rec *outer, const struct magic_type_rec *inner)
{
    while (inner->kind == MAGIC_KIND_TYPEDEF && inner->target)
        inner = MAGIC_REF_PTR(inner->target);
    for (; outer; outer = first_of(outer))
        if (is_same(outer, inner))
            return 1;
    return 0;
}

/* A call returned `addr` as something of `type`, NULL: as bytes. If that is not what late typing took
 * the object there for, its allocator keeps blocks and gives them out again; nobody knows what it
 * is now. */
static void check_taken(uintptr_t addr, const struct magic_type_rec *type)
{
    struct magic__object object;
    const struct magic__kind *kind;
    if (!magic__heap_find(addr, &object) || object.addr != addr)
        return;
    kind = magic__kind(object.kind);
    if (!(kind->flags & MAGIC_SITE_LATE) || !kind->type)
        return;
    if (!type || !(begins_with(kind->type, type) || begins_with(type, kind->type)))
        magic__heap_remove(addr, NULL);
}

/* Type the noted block that starts at `p`, if its size is right; true if there was one. All others lose
 * their record. */
static int type_noted(uintptr_t p, struct magic_site_rec *site)
{
    uint32_t kind = magic__wrap_off || !site ? 0 : magic__wrap_kind_of(site);
    int found = 0;
    for (unsigned i = 0; i < NOTED; i++) {
        uintptr_t addr = noted.at[i];
        size_t size = take_noted(addr);
        found |= size && addr == p;
        if (size && kind && addr == p && magic__wrap_fits(magic__kind(kind), size))
            (void) magic__heap_add(addr, size, kind);
        noted.at[i] = 0;
    }
    return found;
}

extern void __magic_late(void *p, struct magic_site_rec *site, struct magic_site_rec *seen);

/** Called when a call that nobody knows has returned `p`: it is an object of `site` if it was
 * allocated meanwhile. `site` is NULL if what receives `p` has no type that late typing gives; `seen` is
 * what the call left in __magic_site. */
__attribute__((visibility("default"))) void __magic_late(
    void *p, struct magic_site_rec *site, struct magic_site_rec *seen)
{
    if ((uintptr_t) seen == MAGIC_SITE_COLLECTED && type_noted((uintptr_t) p, site))
        return;
    if (p)
        check_taken((uintptr_t) p, site ? MAGIC_REF_PTR(site->type) : NULL);
}
