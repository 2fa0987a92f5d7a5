/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index by address: regions, pages, and the object at or around an address.
 */
#include "heap/heap_internal.h"

#define IS_USER_ADDR(addr) (!((addr) >> MAGIC__HEAP_ADDR_BITS))

static unsigned granule_of(uintptr_t addr)
{
    return (unsigned) (addr >> MAGIC__HEAP_GRANULE_BITS) % MAGIC__HEAP_GRANULES;
}

/* MAGIC__HEAP_HALF for an address in the middle of a granule. */
static unsigned half_of(uintptr_t addr)
{
    return (unsigned) (addr & 8) * (MAGIC__HEAP_HALF / 8);
}

/* The region of an address, made if need be. Two threads may both make one; the loser's stays
 * mapped but untouched, which costs address space only. */
static struct magic__heap_region *region_make(uintptr_t addr)
{
    struct magic__heap_region *region = magic__region_of(addr);
    if (__builtin_expect(region != NULL, 1))
        return region;
    region = magic__index_map(sizeof(*region));
    if (!region)
        return NULL;
    size_t i = addr >> MAGIC__HEAP_REGION_BITS;
    uint64_t none = 0;
    magic__bit_set(magic__tables.regions_used_words, i / 64);
    magic__bit_set(magic__tables.regions_used, i);
    if (!__atomic_compare_exchange_n(&magic__tables.regions[i], &none, (uintptr_t) region, 0,
            __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        region = magic__region_of(addr);
    return region;
}

/* Make the regions of all of an object's bytes, because marks go there too; the first one of them,
 * or NULL when memory is out. */
static struct magic__heap_region *regions_make(uintptr_t addr, size_t size)
{
    struct magic__heap_region *region = region_make(addr);
    uintptr_t last = (addr + size - 1) >> MAGIC__HEAP_REGION_BITS;
    for (uintptr_t r = (addr >> MAGIC__HEAP_REGION_BITS) + 1; region && r <= last; r++)
        if (!region_make(r << MAGIC__HEAP_REGION_BITS))
            region = NULL;
    return region;
}

/* Tell the bitmaps that a page got or lost its record. The stripe is locked. */
static void page_used(struct magic__heap_region *region, size_t i, int used)
{
    if (used) {
        size_t word = i / 64;
        uint64_t seen = __atomic_load_n(&region->used_words[word / 64], __ATOMIC_RELAXED);
        if (!(seen >> word % 64 & 1))
            magic__bit_set(region->used_words, word);
        magic__bit_set(region->used, i);
    } else {
        magic__bit_clear(region->used, i);
    }
}

/* The bitmap of starts: say that an object starts at `addr`, or none does any more. The stripe is locked. */
static inline void start_set(struct magic__heap_region *region, uintptr_t addr, int starts)
{
    uint64_t *word = &region->starts[magic__start_word(addr)], bit = magic__start_bit(addr);
    __atomic_store_n(word, starts ? *word | bit : *word & ~bit, __ATOMIC_RELAXED);
}

/* Record an object in its first byte's region. */
static int add_to(struct magic__heap_region *region, uintptr_t addr, size_t size, uint32_t kind)
{
    size_t i = magic__page_in_region(addr);
    struct magic__stripe *stripe = magic__stripe_of(addr >> MAGIC__HEAP_PAGE_BITS);
    magic__lock(&stripe->lock);
    int was_used = region->words[i] != 0;
    start_set(region, addr, 1); /* before the record, so that a crash in between does no harm */
    int result =
        magic__page_insert(stripe, &region->words[i], granule_of(addr), size, kind | half_of(addr));
    if (__builtin_expect(!was_used && result == 0, 0))
        page_used(region, i, 1);
    magic__unlock(&stripe->lock);
    return result;
}

/* magic__heap_add() of an object that no region is known to have room for. */
__attribute__((noinline)) static int add_anywhere(uintptr_t addr, size_t size, uint32_t kind)
{
    if (!IS_USER_ADDR(addr) || size > ((uintptr_t) 1 << MAGIC__HEAP_ADDR_BITS) - addr)
        return MAGIC_EINVAL;
    if (size == 0) {
        magic__heap_remove(addr, NULL);
        return 0;
    }
    struct magic__heap_region *region = regions_make(addr, size);
    return region ? add_to(region, addr, size, kind) : MAGIC_ENOMEM;
}

int magic__heap_add(uintptr_t addr, size_t size, uint32_t kind)
{
    const uintptr_t region_size = (uintptr_t) 1 << MAGIC__HEAP_REGION_BITS;
    if (addr % 8 || kind == 0 || kind >= MAGIC__HEAP_KINDS)
        return MAGIC_EINVAL;
    struct magic__heap_region *region = magic__region_of(addr);
    if (__builtin_expect(
            !region || !IS_USER_ADDR(addr) || size - 1 >= region_size - addr % region_size, 0))
        return add_anywhere(addr, size, kind);
    return add_to(region, addr, size, kind);
}

int magic__heap_take(uintptr_t addr, struct magic__object *ret)
{
    struct magic__heap_region *region = magic__region_of(addr);
    if (!IS_USER_ADDR(addr) || addr % 8 || !magic__heap_starts(addr))
        return 0;
    uintptr_t page = addr >> MAGIC__HEAP_PAGE_BITS;
    size_t i = magic__page_in_region(addr);
    struct magic__stripe *stripe = magic__stripe_of(page);
    magic__lock(&stripe->lock);
    int found =
        magic__page_remove(stripe, &region->words[i], page, granule_of(addr), half_of(addr), ret);
    if (found)
        start_set(region, addr, 0);
    if (__builtin_expect(found && region->words[i] == 0, 0))
        page_used(region, i, 0);
    magic__unlock(&stripe->lock);
    return found;
}

int magic__heap_remove(uintptr_t addr, uint32_t *kind)
{
    struct magic__object object;
    if (!magic__heap_take(addr, &object))
        return 0;
    if (kind)
        *kind = object.kind;
    return 1;
}

uintptr_t magic__page_prev(uintptr_t page)
{
    long r = (long) (page / MAGIC__HEAP_PAGES), i = (long) (page % MAGIC__HEAP_PAGES);
    while ((r = magic__bits_prev(
                magic__tables.regions_used, magic__tables.regions_used_words, r)) >= 0) {
        const struct magic__heap_region *region =
            magic__region_of((uintptr_t) r << MAGIC__HEAP_REGION_BITS);
        if ((uintptr_t) r != page / MAGIC__HEAP_PAGES)
            i = MAGIC__HEAP_PAGES - 1;
        if (region && (i = magic__bits_prev(region->used, region->used_words, i)) >= 0)
            return (uintptr_t) r * MAGIC__HEAP_PAGES + (uintptr_t) i;
        r--;
    }
    return UINTPTR_MAX;
}

uintptr_t magic__page_next(uintptr_t page)
{
    long r = (long) (page / MAGIC__HEAP_PAGES), i = (long) (page % MAGIC__HEAP_PAGES);
    while ((r = magic__bits_next(magic__tables.regions_used, magic__tables.regions_used_words,
                MAGIC__HEAP_REGIONS, r)) >= 0) {
        const struct magic__heap_region *region =
            magic__region_of((uintptr_t) r << MAGIC__HEAP_REGION_BITS);
        if ((uintptr_t) r != page / MAGIC__HEAP_PAGES)
            i = 0;
        if (region &&
            (i = magic__bits_next(region->used, region->used_words, MAGIC__HEAP_PAGES, i)) >= 0)
            return (uintptr_t) r * MAGIC__HEAP_PAGES + (uintptr_t) i;
        r++;
    }
    return UINTPTR_MAX;
}

/* The last object of a page that starts in granule `g` or below. */
static int last_on_page(uintptr_t page, unsigned g, struct magic__object *ret)
{
    uintptr_t addr = page << MAGIC__HEAP_PAGE_BITS;
    if (!magic__heap_maybe(addr))
        return 0;
    const struct magic__heap_region *region = magic__region_of(addr);
    struct magic__stripe *stripe = magic__stripe_of(page);
    magic__lock(&stripe->lock);
    uint64_t word = region->words[magic__page_in_region(addr)];
    int found = word && magic__page_last(word, page, g, ret);
    magic__unlock(&stripe->lock);
    return found;
}

int magic__heap_find(uintptr_t addr, struct magic__object *ret)
{
    struct magic__object object;
    if (!IS_USER_ADDR(addr))
        return 0;
    uintptr_t page = addr >> MAGIC__HEAP_PAGE_BITS;
    unsigned g = granule_of(addr);
    int found = last_on_page(page, g, &object);
    if (found && object.addr > addr) /* in the second half of the granule */
        found = g > 0 && last_on_page(page, g - 1, &object);
    /* A page can lose its record while another thread looks at it; then the one before counts. */
    while (!found && page != 0 && (page = magic__page_prev(page - 1)) != UINTPTR_MAX)
        found = last_on_page(page, MAGIC__HEAP_GRANULES - 1, &object);
    if (!found || addr - object.addr >= object.size)
        return 0;
    *ret = object;
    return 1;
}
