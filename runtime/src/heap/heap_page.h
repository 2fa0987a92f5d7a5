/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the two sorts of page records share. All of it is about one record under its stripe's lock.
 */
#ifndef MAGIC_HEAP_PAGE_H
#define MAGIC_HEAP_PAGE_H

#include <string.h>

#include "heap/heap_internal.h"

static inline int has_slot(const struct magic__heap_page *rec, unsigned g)
{
    return (int) (rec->starts[g / 64] >> g % 64 & 1);
}

static inline int is_large(const struct magic__heap_entry *entry)
{
    return entry->size == MAGIC__HEAP_LARGE;
}

static inline int is_uniform(uint64_t word)
{
    return MAGIC__HEAP_WORD_UNITS(word) == 0;
}

static inline struct magic__heap_uniform *uniform_record(uint64_t word)
{
    return (struct magic__heap_uniform *) MAGIC__HEAP_WORD_ADDR(word);
}

static inline void fill_object(
    const struct magic__heap_entry *entry, uintptr_t page, unsigned g, struct magic__object *ret)
{
    uintptr_t half = (entry->kind & MAGIC__HEAP_HALF) / (MAGIC__HEAP_HALF / 8);
    ret->addr = page << MAGIC__HEAP_PAGE_BITS | (uintptr_t) g << MAGIC__HEAP_GRANULE_BITS | half;
    ret->size = entry->size;
    ret->kind = entry->kind & (MAGIC__HEAP_HALF - 1);
    if (__builtin_expect(is_large(entry), 0))
        memcpy(&ret->size, entry + 1, sizeof(uint64_t));
}

/** A page's word from now on; `rec` NULL: it has no record. */
static inline void set_word(uint64_t *word, const void *rec, unsigned live, unsigned units)
{
    uint64_t value = rec ? MAGIC__HEAP_WORD((uintptr_t) rec, live, units) : 0;
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static inline void count_live(struct magic__stripe *stripe, uint64_t *word, int change)
{
    stripe->objects += (size_t) change;
    __atomic_store_n(word, *word + ((uint64_t) change << MAGIC__HEAP_LIVE_SHIFT), __ATOMIC_RELEASE);
}

/* heap_uniform.c: pages with one entry for all objects. Arguments are as those of magic__page_insert() and
 * magic__page_remove(). */

/** The first object of a page. Errors: MAGIC_ENOMEM. */
int magic__uniform_start(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, struct magic__heap_entry entry);
/** Put a small object into a page, if the page stays uniform. Returns 1 if so. */
int magic__uniform_insert(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, struct magic__heap_entry entry);
/** A record that may replace one that is not uniform, if so many objects are as `entry` that there is room
 * for another one among the others; else, or when memory is out, NULL. */
struct magic__heap_uniform *magic__uniform_of(
    struct magic__stripe *stripe, uint64_t word, struct magic__heap_entry entry);
/** Take out the object at `g`, where one starts; returns 1 if it is in that half. The record stays, even without
 * objects. */
int magic__uniform_remove(struct magic__stripe *stripe, uint64_t *word, uintptr_t page, unsigned g,
    unsigned half, struct magic__object *ret);

#endif
