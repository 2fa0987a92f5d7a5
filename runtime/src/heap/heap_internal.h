/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of the heap index share: bitmaps, locks, index memory and page records.
 *
 * Pages are spread over a fixed set of stripes. A stripe is a lock with the free page records of
 * its pages, so that threads rarely meet, record memory needs no lock of its own, and a fork has
 * few locks to take. While libc says that there is one thread only, no lock is touched. Whether an object
 * starts at an address of the caller's is seen without the lock, from a bitmap that no record has a part in.
 */
#ifndef MAGIC_HEAP_INTERNAL_H
#define MAGIC_HEAP_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/single_threaded.h>

#include "heap/heap.h"
#include "heap/heap_layout.h"

/* A page record is a multiple of this; all free ones of one size are equal. */
#define MAGIC__UNIT       16
#define MAGIC__RECORD_MIN 48
/* 256 entries and the size of a large object. */
#define MAGIC__RECORD_MAX (32 + 4 * MAGIC__HEAP_GRANULES + 16)

enum { MAGIC__STRIPES = 32 };

struct magic__stripe {
    uint32_t lock;
    uint32_t left; /* bytes left at `bump` */
    char *bump;    /* memory not yet used for records */
    size_t objects, pages, bytes;
    void *free[MAGIC__RECORD_MAX / MAGIC__UNIT + 1]; /* by units; first word links */
} __attribute__((aligned(64)));

/* The large tables. Tools find them by the addresses in the root. */
struct magic__tables {
    uint64_t regions[MAGIC__HEAP_REGIONS];
    uint64_t regions_used[MAGIC__HEAP_REGIONS / 64];
    uint64_t regions_used_words[MAGIC__HEAP_REGIONS / 64 / 64];
    struct magic__kind kinds[MAGIC__HEAP_KINDS];
};

extern struct magic__stripe magic__stripes[MAGIC__STRIPES];
extern struct magic__tables magic__tables;
extern struct magic__heap_root magic__root;

/* heap_lock.c */
void magic__lock_wait(uint32_t *lock);

static inline void magic__lock(uint32_t *lock)
{
    if (!__libc_single_threaded && __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE))
        magic__lock_wait(lock);
}

/* Also right when the process had one thread at the time of magic__lock(). */
static inline void magic__unlock(uint32_t *lock)
{
    __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static inline struct magic__stripe *magic__stripe_of(uintptr_t page)
{
    return &magic__stripes[(page ^ (page >> 6)) % MAGIC__STRIPES];
}

/* heap_kinds.c */
void magic__kinds_lock(void);
void magic__kinds_unlock(void);

/* heap_memory.c */

/** Zeroed index memory for good, never of huge pages; NULL when out. Keeps errno. */
void *magic__index_map(size_t size);
/** The lock below the stripes' locks. */
void magic__pool_lock(void);
void magic__pool_unlock(void);
/** A page record of `units`; the stripe is locked. NULL when memory is out. */
struct magic__heap_page *magic__record_alloc(struct magic__stripe *stripe, unsigned units);
void magic__record_free(struct magic__stripe *stripe, struct magic__heap_page *rec, unsigned units);

/** The region of an address, or NULL. The address may be any. */
static inline struct magic__heap_region *magic__region_of(uintptr_t addr)
{
    size_t i = (addr >> MAGIC__HEAP_REGION_BITS) % MAGIC__HEAP_REGIONS;
    return (struct magic__heap_region *) __atomic_load_n(
        &magic__tables.regions[i], __ATOMIC_ACQUIRE);
}

static inline size_t magic__page_in_region(uintptr_t addr)
{
    return (addr >> MAGIC__HEAP_PAGE_BITS) % MAGIC__HEAP_PAGES;
}

static inline struct magic__heap_page *magic__word_record(uint64_t word)
{
    return (struct magic__heap_page *) MAGIC__HEAP_WORD_ADDR(word);
}

/** False: no object starts on the page of `addr`. True: one may. Two loads. */
static inline int magic__heap_maybe(uintptr_t addr)
{
    const struct magic__heap_region *region = magic__region_of(addr);
    return region && __atomic_load_n(&region->words[magic__page_in_region(addr)], __ATOMIC_RELAXED);
}

/** The word of a region's bitmap that has the bit of `addr`, and that bit. */
static inline size_t magic__start_word(uintptr_t addr)
{
    return (addr % ((uintptr_t) 1 << MAGIC__HEAP_REGION_BITS)) >> (MAGIC__HEAP_GRANULE_BITS + 6);
}

static inline uint64_t magic__start_bit(uintptr_t addr)
{
    return (uint64_t) 1 << (addr >> MAGIC__HEAP_GRANULE_BITS) % 64;
}

/** False: no object starts at `addr`. True: one may. Takes no lock: `addr` must be the caller's, so that no
 * other thread records an object there meanwhile, or takes it out. */
static inline int magic__heap_starts(uintptr_t addr)
{
    const struct magic__heap_region *region = magic__region_of(addr);
    return region && (__atomic_load_n(&region->starts[magic__start_word(addr)], __ATOMIC_RELAXED) &
                         magic__start_bit(addr));
}

/* heap_index.c */

/** The pages (addresses >> 12) that have a record: the last one at or before `page`, the first one
 * at or after it; UINTPTR_MAX if there is none. */
uintptr_t magic__page_prev(uintptr_t page);
uintptr_t magic__page_next(uintptr_t page);

/* heap_iter.c */

/** The objects of `page` (word not 0) that start in [from, to), at most `max`; their number. Some of
 * the page is in the range. Whoever calls holds the page's stripe or is alone. */
size_t magic__page_objects(uint64_t word, uintptr_t page, uintptr_t from, uintptr_t to,
    struct magic__object *ret, size_t max);

/* heap_bits.c: a bitmap with a summary bitmap that has a bit for each of its words. A summary bit
 * may be set for an empty word, never the other way round. -1: no such bit. */
long magic__bits_prev(const uint64_t *bits, const uint64_t *summary, long from);
long magic__bits_next(const uint64_t *bits, const uint64_t *summary, long n_bits, long from);
/** Set or clear a bit that other threads' bits share a word with. */
void magic__bit_set(uint64_t *bits, size_t i);
void magic__bit_clear(uint64_t *bits, size_t i);

/* heap_page.c: one page record; whoever calls holds the page's stripe or is alone. `page` is the
 * page's address >> 12, `word` its word and not 0, a granule is counted from the page's start. */

/** Find out how to count bits. Everything works without, at half the speed. */
void magic__page_init(void);
/** The last object that starts at or below granule `g`. Returns 1 if there is one. */
int magic__page_last(uint64_t word, uintptr_t page, unsigned g, struct magic__object *ret);
/** The objects that start at granules `first` to `last`, at most `max` (not 0); their number. */
size_t magic__page_decode(uint64_t word, uintptr_t page, unsigned first, unsigned last,
    struct magic__object *ret, size_t max);
/** Put an object into a page by its word (0: the first one), in place of one at the same granule.
 * `kind` has MAGIC__HEAP_HALF added where it applies. Errors: MAGIC_ENOMEM. */
int magic__page_insert(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, size_t size, uint32_t kind);
/** Take one out by the word (0: there is none); returns 1 if there was one. `half` is
 * MAGIC__HEAP_HALF or 0. The word is 0 when it was the page's last. */
int magic__page_remove(struct magic__stripe *stripe, uint64_t *word, uintptr_t page, unsigned g,
    unsigned half, struct magic__object *ret);

#endif
