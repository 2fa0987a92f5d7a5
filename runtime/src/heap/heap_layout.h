/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How the index of typed heap objects lies in memory.
 *
 * The runtime and the tools share this header: a tool copies these structs out of another process
 * (root address: magic_vars.heap) and must take every byte of them for untrusted. All addresses
 * are those of the process that owns the index.
 *
 * A radix table over 4 KiB pages: regions[addr >> 30] leads to a region, whose words[] has one
 * word a page. A page at which objects start has a page record: a bitmap of the 16-byte granules
 * where they start, and an entry for each in the order of their addresses; an entry of kind 0 is
 * that of an object that was freed. An allocator's blocks start where granules do; an object inside
 * a block may also start in the middle of a granule, which its entry says. Most pages have objects of
 * one kind and size, and but a few others: their record has one entry for all, and is as small however
 * many they are. Objects do not overlap, so the object that contains an address is the last one that
 * starts at or below it, and bitmaps over pages and regions lead to it in constant time however large
 * the object is. Another bitmap, over the granules of all pages, is there for free(): most blocks are
 * no objects, which it tells without a look at the page.
 *
 * An entry holds the size the program asked for. A size of MAGIC__HEAP_LARGE or more does not fit:
 * its object covers the rest of its page, is therefore the page's last, and its size follows in
 * the two slots after its entry.
 */
#ifndef MAGIC_HEAP_LAYOUT_H
#define MAGIC_HEAP_LAYOUT_H

#include <stdint.h>

#include <magic/records.h>

#define MAGIC__HEAP_MAGIC   0x58444948u /* "HIDX" */
#define MAGIC__HEAP_VERSION 4

enum {
    MAGIC__HEAP_ADDR_BITS = 47, /* user addresses */
    MAGIC__HEAP_REGION_BITS = 30,
    MAGIC__HEAP_PAGE_BITS = 12,
    MAGIC__HEAP_GRANULE_BITS = 4,
    MAGIC__HEAP_REGIONS = 1 << (MAGIC__HEAP_ADDR_BITS - MAGIC__HEAP_REGION_BITS),
    MAGIC__HEAP_PAGES = 1 << (MAGIC__HEAP_REGION_BITS - MAGIC__HEAP_PAGE_BITS),
    MAGIC__HEAP_GRANULES = 1 << (MAGIC__HEAP_PAGE_BITS - MAGIC__HEAP_GRANULE_BITS),
    MAGIC__HEAP_LARGE = 0xffff,  /* entry size that says: see the next two slots */
    MAGIC__HEAP_KINDS = 1 << 15, /* number 0 is never used */
    MAGIC__HEAP_HALF = 1 << 15,  /* added to an entry's kind: starts 8 bytes into its granule */
};

/** What the address magic_vars.heap leads to. */
struct magic__heap_root {
    uint32_t magic;        /**< MAGIC__HEAP_MAGIC */
    uint16_t version;      /**< MAGIC__HEAP_VERSION */
    uint16_t kind_size;    /**< sizeof(struct magic__kind) */
    uint32_t region_size;  /**< sizeof(struct magic__heap_region) */
    uint32_t n_kinds;      /**< kinds in use plus one */
    uint64_t kinds;        /**< address of struct magic__kind [MAGIC__HEAP_KINDS] (heap.h) */
    uint64_t regions;      /**< address of uint64_t [MAGIC__HEAP_REGIONS]: region or 0 */
    uint64_t regions_used; /**< address of a bitmap over regions[] */
};
MAGIC_STATIC_ASSERT(sizeof(struct magic__heap_root) == 40, "heap root");

/** Where one object starts. */
struct magic__heap_entry {
    uint16_t kind; /**< 0: freed; with MAGIC__HEAP_HALF where it applies */
    uint16_t size; /**< bytes asked for, or MAGIC__HEAP_LARGE */
};

/** A page at which objects start; at least one of its entries is live. */
struct magic__heap_page {
    uint64_t starts[MAGIC__HEAP_GRANULES / 64]; /**< bitmap over the page's granules */
    struct magic__heap_entry entries[]; /**< one a set bit, in address order; or the first of
                                                     a struct magic__heap_uniform */
};
MAGIC_STATIC_ASSERT(sizeof(struct magic__heap_page) == 32, "page record");

/** An object of a uniform page that is not as the others. */
struct magic__heap_other {
    uint8_t granule;
    uint8_t unused;
    struct magic__heap_entry entry; /**< kind 0: there is none */
};

enum { MAGIC__HEAP_OTHERS = 4 };

/** The record of a uniform page. None of its objects is large. */
struct magic__heap_uniform {
    uint64_t starts[MAGIC__HEAP_GRANULES / 64];
    struct magic__heap_entry entry; /**< of all but the others */
    struct magic__heap_other others[MAGIC__HEAP_OTHERS];
};
MAGIC_STATIC_ASSERT(sizeof(struct magic__heap_uniform) == 64, "uniform page record");

/** The entry of the object that starts at granule `g`. */
static inline const struct magic__heap_entry *magic__heap_uniform_entry(
    const struct magic__heap_uniform *rec, unsigned g)
{
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
        if (rec->others[i].granule == g && rec->others[i].entry.kind)
            return &rec->others[i].entry;
    return &rec->entry;
}

/** One GiB of address space. */
struct magic__heap_region {
    uint64_t used_words[MAGIC__HEAP_PAGES / 64 / 64]; /**< bitmap over used[]; bits stay set */
    uint64_t used[MAGIC__HEAP_PAGES / 64];            /**< bitmap: pages that have a record */
    uint64_t marked[MAGIC__HEAP_PAGES / 64];          /**< bitmap: pages magic__heap_mark() chose */
    uint64_t n_marked;                                /**< 0: marked[] is all zero */
    uint64_t words[MAGIC__HEAP_PAGES];                /**< page word, see below; 0: no record */
    uint64_t starts[MAGIC__HEAP_PAGES *
                    (MAGIC__HEAP_GRANULES / 64)]; /**< bitmap over all granules: where
                                                     objects start, or did; never for less than there are */
};

/** A page word: address of the record, number of live objects, record size in units of 16 bytes; 0
 * units: the page is uniform. */
#define MAGIC__HEAP_LIVE_SHIFT  47
#define MAGIC__HEAP_UNITS_SHIFT 56
#define MAGIC__HEAP_WORD(addr, live, units)                            \
    ((uint64_t) (addr) | (uint64_t) (live) << MAGIC__HEAP_LIVE_SHIFT | \
        (uint64_t) (units) << MAGIC__HEAP_UNITS_SHIFT)
#define MAGIC__HEAP_WORD_ADDR(word)  ((word) & (((uint64_t) 1 << MAGIC__HEAP_LIVE_SHIFT) - 1))
#define MAGIC__HEAP_WORD_LIVE(word)  ((unsigned) ((word) >> MAGIC__HEAP_LIVE_SHIFT & 0x1ff))
#define MAGIC__HEAP_WORD_UNITS(word) ((unsigned) ((word) >> MAGIC__HEAP_UNITS_SHIFT))

#endif
