/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index by range: what lies in a piece of memory that is freed, moved or given out again.
 *
 * Unlike iteration this goes on beside other threads: a page's objects are read under its lock,
 * and taken out one by one. What another thread adds to the range meanwhile is its own mistake, since
 * the range belongs to the caller.
 */
#include <sys/mman.h>

#include "heap/heap_internal.h"

int magic__heap_has_subs;

/* The objects that start on `page` in [lo, hi). */
static size_t read_page(uintptr_t page, uintptr_t lo, uintptr_t hi, struct magic__object *ret)
{
    uintptr_t addr = page << MAGIC__HEAP_PAGE_BITS;
    const struct magic__heap_region *region = magic__region_of(addr);
    struct magic__stripe *stripe = magic__stripe_of(page);
    if (!region)
        return 0;
    magic__lock(&stripe->lock);
    uint64_t word = region->words[magic__page_in_region(addr)];
    size_t n = word ? magic__page_objects(word, page, lo, hi, ret, MAGIC__HEAP_BATCH) : 0;
    magic__unlock(&stripe->lock);
    return n;
}

/* What is left of an object when its bytes from `end` on are gone: whole elements, or nothing. */
static size_t kept_size(const struct magic__object *object, uintptr_t end)
{
    const struct magic__kind *kind = magic__kind(object->kind);
    size_t size = end - object->addr;
    if (kind->flags & MAGIC_SITE_SINGLE || !kind->elem_size || size < kind->elem_size)
        return 0;
    return kind->flags & MAGIC_SITE_TAIL ? size : size - size % kind->elem_size;
}

/* Cut off at `lo` an object that begins before it. Returns 1 if there was one. */
static int cut_before(uintptr_t lo, uint32_t flag)
{
    struct magic__object object;
    if (!magic__heap_find(lo, &object) || object.addr == lo ||
        (flag && !(magic__kind(object.kind)->flags & flag)))
        return 0;
    size_t size = kept_size(&object, lo);
    if (size)
        (void) magic__heap_add(object.addr, size, object.kind);
    else
        magic__heap_remove(object.addr, NULL);
    return 1;
}

/* Call fn for each object that starts in [lo, hi). */
static void for_each(uintptr_t lo, uintptr_t hi,
    void (*fn)(const struct magic__object *object, void *ctx), void *ctx)
{
    struct magic__object objects[MAGIC__HEAP_BATCH];
    uintptr_t end = (uintptr_t) 1 << MAGIC__HEAP_ADDR_BITS;
    hi = hi < end ? hi : end;
    while (lo < hi) {
        uintptr_t page = magic__page_next(lo >> MAGIC__HEAP_PAGE_BITS);
        if (page == UINTPTR_MAX || page << MAGIC__HEAP_PAGE_BITS >= hi)
            return;
        size_t n = read_page(page, lo, hi, objects);
        for (size_t i = 0; i < n; i++)
            fn(&objects[i], ctx);
        lo = (page + 1) << MAGIC__HEAP_PAGE_BITS;
    }
}

struct drop {
    uint32_t flag;
    size_t n;
};

static void drop_one(const struct magic__object *object, void *ctx)
{
    struct drop *drop = ctx;
    if (drop->flag && !(magic__kind(object->kind)->flags & drop->flag))
        return;
    drop->n += (size_t) magic__heap_remove(object->addr, NULL);
}

size_t magic__heap_drop(uintptr_t lo, uintptr_t hi, uint32_t flag)
{
    struct drop drop = { flag, 0 };
    if (lo >= hi)
        return 0;
    drop.n = (size_t) cut_before(lo, flag);
    for_each(lo, hi, drop_one, &drop);
    return drop.n;
}

/* The kind of what a kind's objects begin with when the bytes behind that are a pool: one element, not
 * to be freed by itself. 0 if kinds ran out. */
static uint32_t header_kind(uint32_t number)
{
    const struct magic__kind *kind = magic__kind(number);
    uint32_t n = magic__kind_count();
    for (uint32_t i = 1; i < n; i++) {
        const struct magic__kind *other = magic__kind(i);
        if (other->site == kind->site && other->type == kind->type &&
            other->flags == (MAGIC_SITE_SINGLE | MAGIC_SITE_POOL))
            return i;
    }
    uint32_t made = magic__kind_new();
    if (made) {
        *magic__kind(made) = *kind;
        magic__kind(made)->flags = MAGIC_SITE_SINGLE | MAGIC_SITE_POOL;
    }
    return made;
}

/* Make room for a sub-object at `addr` inside `object`. A block that is a header and bytes after it is
 * cut down to the header. Errors: MAGIC_EINVAL it is not one. */
static int open_block(const struct magic__object *object, uintptr_t addr)
{
    const struct magic__kind *kind = magic__kind(object->kind);
    if (kind->flags & MAGIC_SITE_POOL)
        return 0;
    if (!(kind->flags & MAGIC_SITE_TAIL) || addr - object->addr < kind->elem_size)
        return MAGIC_EINVAL;
    uint32_t header = header_kind(object->kind);
    if (!header)
        return MAGIC_EINVAL;
    return magic__heap_add(object->addr, kind->elem_size, header);
}

int magic__heap_add_sub(uintptr_t addr, size_t size, uint32_t kind)
{
    struct magic__object object;
    if (magic__heap_find(addr, &object) && open_block(&object, addr) != 0)
        return MAGIC_EINVAL;
    magic__heap_drop(addr, addr + size, MAGIC_SITE_POOL);
    __atomic_store_n(&magic__heap_has_subs, 1, __ATOMIC_RELAXED);
    return magic__heap_add(addr, size, kind);
}

static void count_one(const struct magic__object *object, void *ctx)
{
    (void) object;
    ++*(size_t *) ctx;
}

struct collect {
    struct magic__heap_moved *moved;
    size_t room;
    uintptr_t hi;
};

static void collect_one(const struct magic__object *object, void *ctx)
{
    struct collect *collect = ctx;
    struct magic__heap_moved *moved = collect->moved;
    if (magic__heap_remove(object->addr, NULL) && moved->n < collect->room &&
        object->addr + object->size <= collect->hi)
        moved->at[moved->n++] = *object;
}

void magic__heap_move_out(uintptr_t lo, uintptr_t hi, struct magic__heap_moved *ret)
{
    size_t n = 0;
    *ret = (struct magic__heap_moved) { .lo = lo };
    cut_before(lo, 0);
    for_each(lo, hi, count_one, &n);
    if (n == 0)
        return;
    /* Not of the allocator: a block may be on its way through it. */
    ret->size = n * sizeof(*ret->at);
    ret->at = mmap(NULL, ret->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct collect collect = { ret, ret->at != MAP_FAILED ? n : 0, hi };
    for_each(lo, hi, collect_one, &collect);
}

void magic__heap_move_in(struct magic__heap_moved *moved, uintptr_t lo, size_t size)
{
    for (size_t i = 0; i < moved->n; i++) {
        const struct magic__object *object = &moved->at[i];
        size_t offset = object->addr - moved->lo;
        if (offset <= size && object->size <= size - offset)
            (void) magic__heap_add(lo + offset, object->size, object->kind);
    }
    if (moved->size && (void *) moved->at != MAP_FAILED)
        munmap(moved->at, moved->size);
    *moved = (struct magic__heap_moved) { 0 };
}
