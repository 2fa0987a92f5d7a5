/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index in address order: iteration and marking, for a quiescent process.
 */
#include <string.h>

#include "heap/heap_internal.h"

size_t magic__page_objects(uint64_t word, uintptr_t page, uintptr_t from, uintptr_t to,
    struct magic__object *ret, size_t max)
{
    uintptr_t start = page << MAGIC__HEAP_PAGE_BITS, granule = 1 << MAGIC__HEAP_GRANULE_BITS;
    unsigned first = from > start ? (unsigned)((from - start) / granule) : 0;
    uintptr_t end = (to - start + granule - 1) / granule;
    unsigned last = end > MAGIC__HEAP_GRANULES ? MAGIC__HEAP_GRANULES - 1 : (unsigned)end - 1;
    /* A bound may lie between the two places where an object can start in a granule. */
    if (from > start && from % granule && magic__page_decode(word, page, first, first, ret, 1) &&
        ret->addr < from)
        first++;
    size_t n = first <= last ? magic__page_decode(word, page, first, last, ret, max) : 0;
    return n > 0 && ret[n - 1].addr >= to ? n - 1 : n;
}

/* As magic__heap_batch, with at most `max` objects. */
static size_t next_objects(uintptr_t *from, uintptr_t to, struct magic__object *ret, size_t max)
{
    uintptr_t end = (uintptr_t)1 << MAGIC__HEAP_ADDR_BITS;
    to = to < end ? to : end;
    while (*from < to) {
        uintptr_t page = magic__page_next(*from >> MAGIC__HEAP_PAGE_BITS);
        uintptr_t addr = page << MAGIC__HEAP_PAGE_BITS;
        if (page == UINTPTR_MAX || addr >= to)
            return 0;
        uint64_t word = magic__region_of(addr)->words[magic__page_in_region(addr)];
        size_t n = magic__page_objects(word, page, *from, to, ret, max);
        *from = (page + 1) << MAGIC__HEAP_PAGE_BITS;
        if (n > 0)
            return n;
    }
    return 0;
}

int magic__heap_next(uintptr_t from, uintptr_t to, struct magic__object *ret)
{
    return next_objects(&from, to, ret, 1) != 0;
}

size_t magic__heap_batch(uintptr_t *from, uintptr_t to, struct magic__object *ret)
{
    return next_objects(from, to, ret, MAGIC__HEAP_BATCH);
}

static int any_kind_has(uint32_t flag)
{
    uint32_t n = magic__kind_count();
    for (uint32_t kind = 1; kind < n; kind++)
        if (magic__tables.kinds[kind].flags & flag)
            return 1;
    return 0;
}

static void clear_marks(void)
{
    for (size_t i = 0; i < MAGIC__HEAP_REGIONS; i++) {
        long next = magic__bits_next(magic__tables.regions_used, magic__tables.regions_used_words,
            MAGIC__HEAP_REGIONS, (long)i);
        if (next < 0)
            break;
        i = (size_t)next;
        struct magic__heap_region *region = magic__region_of(i << MAGIC__HEAP_REGION_BITS);
        if (region && region->n_marked) {
            memset(region->marked, 0, sizeof(region->marked));
            region->n_marked = 0;
        }
    }
}

static void mark_pages(const struct magic__object *object)
{
    uintptr_t last = (object->addr + object->size - 1) >> MAGIC__HEAP_PAGE_BITS;
    for (uintptr_t page = object->addr >> MAGIC__HEAP_PAGE_BITS; page <= last; page++) {
        struct magic__heap_region *region = magic__region_of(page << MAGIC__HEAP_PAGE_BITS);
        size_t i = page % MAGIC__HEAP_PAGES;
        region->marked[i / 64] |= (uint64_t)1 << i % 64;
        region->n_marked = 1;
    }
}

size_t magic__heap_mark(uint32_t flag)
{
    struct magic__object objects[MAGIC__HEAP_BATCH];
    size_t n, marked = 0;
    uintptr_t from = 0;
    clear_marks();
    if (!any_kind_has(flag))
        return 0;
    while ((n = magic__heap_batch(&from, UINTPTR_MAX, objects)) > 0) {
        for (size_t i = 0; i < n; i++) {
            if (magic__tables.kinds[objects[i].kind].flags & flag) {
                mark_pages(&objects[i]);
                marked++;
            }
        }
    }
    return marked;
}

int magic__heap_marked(uintptr_t addr)
{
    const struct magic__heap_region *region = magic__region_of(addr);
    size_t i = magic__page_in_region(addr);
    return region && (region->marked[i / 64] >> i % 64 & 1) && !(addr >> MAGIC__HEAP_ADDR_BITS);
}
