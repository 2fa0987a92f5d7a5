/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One page record: which objects start on a page (see heap_layout.h).
 *
 * Everything here is about a single record under its stripe's lock. A record has slots for its
 * entries and for the size of a large last object; it moves to a larger one when slots run out,
 * and to a smaller one when half of them are free, so that its cost stays near 4 bytes an object.
 */
#include <string.h>

#include "heap/heap_internal.h"

enum { WORDS = MAGIC__HEAP_GRANULES / 64, LARGE_SLOTS = 2 };

/* Bits of starts[] word `i` that stand for granules below `g`. */
static uint64_t below(int i, int g)
{
    if (g <= i * 64)
        return 0;
    return g >= i * 64 + 64 ? ~(uint64_t)0 : ((uint64_t)1 << (g - i * 64)) - 1;
}

/* Number of objects that start below granule `g`. */
static unsigned rank(const struct magic__heap_page *rec, int g)
{
    unsigned n = 0;
    for (int i = 0; i * 64 < g; i++)
        n += (unsigned)__builtin_popcountll(rec->starts[i] & below(i, g));
    return n;
}

unsigned magic__page_count(const struct magic__heap_page *rec)
{
    return rank(rec, MAGIC__HEAP_GRANULES);
}

static int has_start(const struct magic__heap_page *rec, int g)
{
    return (int)(rec->starts[g / 64] >> g % 64 & 1);
}

int magic__page_prev_start(const struct magic__heap_page *rec, int g)
{
    for (int i = g / 64; i >= 0; i--) {
        uint64_t v = rec->starts[i] & below(i, g + 1);
        if (v)
            return i * 64 + 63 - __builtin_clzll(v);
    }
    return -1;
}

int magic__page_next_start(const struct magic__heap_page *rec, int g)
{
    for (int i = g / 64; i < WORDS; i++) {
        uint64_t v = rec->starts[i] & ~below(i, g);
        if (v)
            return i * 64 + __builtin_ctzll(v);
    }
    return -1;
}

static uint64_t large_size(const struct magic__heap_entry *entry)
{
    uint64_t size;
    memcpy(&size, entry + 1, sizeof(size));
    return size;
}

static void fill_object(const struct magic__heap_entry *entry, uintptr_t page, int g,
    struct magic__object *ret)
{
    ret->addr = page << MAGIC__HEAP_PAGE_BITS | (uintptr_t)g << MAGIC__HEAP_GRANULE_BITS;
    ret->size = entry->size == MAGIC__HEAP_LARGE ? large_size(entry) : entry->size;
    ret->kind = entry->kind;
}

void magic__page_object(const struct magic__heap_page *rec, uintptr_t page, int g,
    struct magic__object *ret)
{
    fill_object(&rec->entries[rank(rec, g)], page, g, ret);
}

size_t magic__page_decode(const struct magic__heap_page *rec, uintptr_t page, int first, int last,
    struct magic__object *ret)
{
    const struct magic__heap_entry *entry = &rec->entries[rank(rec, first)];
    size_t n = 0;
    for (int i = first / 64; i <= last / 64; i++) {
        uint64_t v = rec->starts[i] & below(i, last + 1) & ~below(i, first);
        for (; v; v &= v - 1)
            fill_object(entry++, page, i * 64 + __builtin_ctzll(v), &ret[n++]);
    }
    return n;
}

/* Slots in use by `n` entries. */
static unsigned slots_used(const struct magic__heap_page *rec, unsigned n)
{
    return n + (n > 0 && rec->entries[n - 1].size == MAGIC__HEAP_LARGE ? LARGE_SLOTS : 0);
}

static unsigned units_for(unsigned slots)
{
    size_t bytes = sizeof(struct magic__heap_page) + slots * sizeof(struct magic__heap_entry);
    return (unsigned)((bytes + MAGIC__UNIT - 1) / MAGIC__UNIT);
}

static unsigned capacity(unsigned units)
{
    return (unsigned)((units * MAGIC__UNIT - sizeof(struct magic__heap_page)) /
        sizeof(struct magic__heap_entry));
}

/* Give the page a record of `units` that holds what its old one did in `slots` slots. */
static struct magic__heap_page *resize(struct magic__stripe *stripe, uint64_t *word,
    unsigned units, unsigned slots)
{
    struct magic__heap_page *old = magic__word_record(*word);
    struct magic__heap_page *rec = magic__record_alloc(stripe, units);
    if (!rec)
        return NULL;
    if (old) {
        memcpy(rec, old, sizeof(*rec) + slots * sizeof(rec->entries[0]));
        magic__record_free(stripe, old, MAGIC__HEAP_WORD_UNITS(*word));
    } else {
        memset(rec, 0, sizeof(*rec));
        stripe->pages++;
    }
    __atomic_store_n(word, (uint64_t)(uintptr_t)rec | (uint64_t)units << 56, __ATOMIC_RELEASE);
    return rec;
}

/* Take the entry at granule `g` out of a record; the number of slots still used. */
static unsigned cut(struct magic__stripe *stripe, struct magic__heap_page *rec, int g)
{
    unsigned n = magic__page_count(rec), r = rank(rec, g), used = slots_used(rec, n);
    unsigned width = rec->entries[r].size == MAGIC__HEAP_LARGE ? 1 + LARGE_SLOTS : 1;
    memmove(&rec->entries[r], &rec->entries[r + width],
        (used - r - width) * sizeof(rec->entries[0]));
    rec->starts[g / 64] &= ~((uint64_t)1 << g % 64);
    stripe->objects--;
    return used - width;
}

/* Objects do not overlap. Where a record says otherwise, its object has gone unseen, and would
 * break the rule that a large object is the last of its page. */
static void drop_overlapped(struct magic__stripe *stripe, struct magic__heap_page *rec, int g,
    size_t size)
{
    if (has_start(rec, g))
        cut(stripe, rec, g);
    int last = magic__page_prev_start(rec, MAGIC__HEAP_GRANULES - 1);
    if (last >= 0 && last < g &&
        rec->entries[magic__page_count(rec) - 1].size == MAGIC__HEAP_LARGE)
        cut(stripe, rec, last);
    while (size >= MAGIC__HEAP_LARGE &&
        (last = magic__page_prev_start(rec, MAGIC__HEAP_GRANULES - 1)) > g)
        cut(stripe, rec, last);
}

int magic__page_insert(struct magic__stripe *stripe, uint64_t *word, int g, size_t size,
    uint32_t kind)
{
    struct magic__heap_page *rec = magic__word_record(*word);
    unsigned used = 0, width = size >= MAGIC__HEAP_LARGE ? 1 + LARGE_SLOTS : 1;
    if (rec) {
        drop_overlapped(stripe, rec, g, size);
        used = slots_used(rec, magic__page_count(rec));
    }
    if (!rec || used + width > capacity(MAGIC__HEAP_WORD_UNITS(*word)))
        rec = resize(stripe, word, units_for(used + width), used);
    if (!rec)
        return MAGIC_ENOMEM;
    unsigned r = rank(rec, g);
    struct magic__heap_entry *entry = &rec->entries[r];
    memmove(entry + width, entry, (used - r) * sizeof(*entry));
    entry->kind = (uint16_t)kind;
    entry->size = width == 1 ? (uint16_t)size : MAGIC__HEAP_LARGE;
    if (width > 1)
        memcpy(entry + 1, &(uint64_t){ size }, sizeof(uint64_t));
    rec->starts[g / 64] |= (uint64_t)1 << g % 64;
    stripe->objects++;
    return 0;
}

int magic__page_remove(struct magic__stripe *stripe, uint64_t *word, uintptr_t page, int g,
    struct magic__object *ret)
{
    struct magic__heap_page *rec = magic__word_record(*word);
    unsigned units = MAGIC__HEAP_WORD_UNITS(*word);
    if (!rec || !has_start(rec, g))
        return 0;
    magic__page_object(rec, page, g, ret);
    unsigned used = cut(stripe, rec, g);
    if (used == 0) {
        __atomic_store_n(word, 0, __ATOMIC_RELEASE);
        magic__record_free(stripe, rec, units);
        stripe->pages--;
    } else if (used <= capacity(units) / 2 && units_for(used) < units) {
        /* When memory is out the larger record serves as well. */
        resize(stripe, word, units_for(used), used);
    }
    return 1;
}
