/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Late typing: blocks that were allocated during a call that nobody knows to allocate.
 *
 * Around such a call the pass leaves the site's address and MAGIC_SITE_COLLECT in __magic_site. The thread
 * notes the last few blocks of a fitting size that are allocated meanwhile. When the call has returned,
 * __magic_late() types the one that the call gave back, if its size is right, and forgets the others.
 *
 * A noted block may have been freed since, by any thread, and be somebody else's. So its place in
 * magic__noters, by a hash of its address, says who noted it, and free() clears that. A block whose place another
 * one took is not typed.
 *
 * An allocator may keep what it is given back, without free(), and give it out again as another type.
 * So a result that was typed late before loses its type when something else receives it.
 */
#include <string.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

enum { NOTED = 8 };

/* The blocks noted since the last call returned: the newest NOTED of `n`. */
static __thread struct {
    struct {
        uintptr_t at;
        size_t size;
    } blocks[NOTED];
    unsigned n;
    uint64_t tag; /* of this thread, in the bits above an address; 0: none yet */
} noted __attribute__((tls_model("initial-exec")));

uint64_t magic__noters[MAGIC__NOTERS];

/* Tags come again after 131,071 threads; nothing else can have the same one that is not long dead. */
static uint64_t new_tag(void)
{
    static uint64_t last;
    const uint64_t n = __atomic_fetch_add(&last, 1, __ATOMIC_RELAXED);
    return (n % (((uint64_t) 1 << (64 - MAGIC__HEAP_ADDR_BITS)) - 1) + 1) << MAGIC__HEAP_ADDR_BITS;
}

void magic__wrap_note(uintptr_t addr, size_t size)
{
    unsigned i = noted.n++ % NOTED;
    if (!noted.tag)
        noted.tag = new_tag();
    noted.blocks[i].at = addr;
    noted.blocks[i].size = size;
    __atomic_store_n(magic__noter_of(addr), addr | noted.tag, __ATOMIC_RELAXED);
    if ((uintptr_t) __magic_site & MAGIC_SITE_COLLECT)
        __magic_site = (void *) ((char *) __magic_site + MAGIC_SITE_COLLECTED - MAGIC_SITE_COLLECT);
}

/* The size of the block at `addr` if it was noted by this thread and is still that one; else 0. Forgets
 * all that was noted. */
static size_t take_noted(uintptr_t addr)
{
    size_t size = 0;
    unsigned first = noted.n > NOTED ? noted.n - NOTED : 0;
    for (unsigned i = noted.n; i-- > first && !size;)
        if (noted.blocks[i % NOTED].at == addr)
            size = noted.blocks[i % NOTED].size;
    noted.n = 0;
    return size && __atomic_load_n(magic__noter_of(addr), __ATOMIC_RELAXED) == (addr | noted.tag)
               ? size
               : 0;
}

int magic__wrap_take(void *p, struct magic__object *ret)
{
    struct magic__object object;
    uintptr_t at = (uintptr_t) p;
    if (magic__heap_has_subs && magic__heap_find(at, &object) && object.addr == at &&
        magic__kind(object.kind)->flags & MAGIC_SITE_POOL)
        return 0;
    return magic__heap_take(at, ret);
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
__attribute__((noinline)) static void check_taken(uintptr_t addr, const struct magic_type_rec *type)
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

/* Type the noted block that starts at `p`, if its size is right; true if there was one. */
__attribute__((noinline)) static int type_noted(uintptr_t p, struct magic_site_rec *site)
{
    size_t size = take_noted(p);
    uint32_t kind = size && site && !magic__wrap_off ? magic__wrap_kind_of(site) : 0;
    if (kind && magic__wrap_fits(magic__kind(kind), size))
        (void) magic__heap_add(p, size, kind);
    return size != 0;
}

extern void __magic_late(void *p, struct magic_site_rec *site, struct magic_site_rec *seen);

/** Called when a call that nobody knows has returned `p`: it is an object of `site` if it was
 * allocated meanwhile. `site` is NULL if what receives `p` has no type that late typing gives; `seen` is
 * what the call left in __magic_site. */
__attribute__((visibility("default"))) void __magic_late(
    void *p, struct magic_site_rec *site, struct magic_site_rec *seen)
{
    if ((uintptr_t) seen & MAGIC_SITE_COLLECTED && type_noted((uintptr_t) p, site))
        return;
    if (__builtin_expect(magic__heap_starts((uintptr_t) p), 0))
        check_taken((uintptr_t) p, site ? MAGIC_REF_PTR(site->type) : NULL);
}
