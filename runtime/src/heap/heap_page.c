/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One page record: which objects start on a page (see heap_layout.h).
 *
 * Everything here is about a single record under its stripe's lock. Allocators give freed blocks
 * out again soon, so a freed object leaves its slot behind, and the next object at its address
 * takes it: neither moves other entries. Freed slots go when the record has to grow, and when most
 * of it is unused; then it moves to a new place, so that its cost stays near 4 bytes an object.
 *
 * A page starts out uniform, with one entry for all objects but a few (heap_uniform.c), and stays so until it
 * gets more of other kinds or sizes.
 */
#include <string.h>
#include <sys/platform/x86.h>

#include "heap/heap_page.h"

enum {
    WORDS = MAGIC__HEAP_GRANULES / 64,
    LARGE_SLOTS = 2,
    UNIFORM_UNITS = sizeof(struct magic__heap_uniform) / MAGIC__UNIT,
};

static int has_popcnt;

/* libc knows the processor already. __builtin_cpu_supports() would ask it again, nine times, and in
 * a virtual machine each answer takes microseconds of every program's start. */
void magic__page_init(void)
{
    has_popcnt = x86_cpu_active(x86_cpu_POPCNT);
}

/* The instruction is 15 years old, but not in the compiler's baseline, and everything here counts
 * bits. */
static inline unsigned count_bits(uint64_t v)
{
    uint64_t n;
    if (!has_popcnt)
        return (unsigned) __builtin_popcountll(v);
    __asm__("popcntq %1, %0" : "=r"(n) : "r"(v) : "cc");
    return (unsigned) n;
}

/* All bits if `yes`, else none, in a way that the compiler makes no branch of. */
static inline uint64_t all_if(int yes)
{
    uint64_t mask = -(uint64_t) yes;
    __asm__("" : "+r"(mask));
    return mask;
}

/* Number of slots of granules below `g`. Without branches: which word a granule lies in cannot be
 * predicted. */
static inline unsigned rank(const struct magic__heap_page *rec, unsigned g)
{
    const uint64_t *starts = rec->starts;
    unsigned word = g / 64;
    return count_bits(starts[word] & (((uint64_t) 1 << g % 64) - 1)) +
           count_bits(starts[0] & all_if(word > 0)) + count_bits(starts[1] & all_if(word > 1)) +
           count_bits(starts[2] & all_if(word > 2));
}

static unsigned count_slots(const struct magic__heap_page *rec)
{
    return count_bits(rec->starts[0]) + count_bits(rec->starts[1]) + count_bits(rec->starts[2]) +
           count_bits(rec->starts[3]);
}

/* -- looking ----------------------------------------------------------------------------- */

/* The last granule up to `g` with a slot, or -1. */
static int last_slot(const struct magic__heap_page *rec, unsigned g)
{
    uint64_t v = rec->starts[g / 64] & (~(uint64_t) 0 >> (63 - g % 64));
    int word = (int) (g / 64);
    while (!v) {
        if (--word < 0)
            return -1;
        v = rec->starts[word];
    }
    return word * 64 + 63 - __builtin_clzll(v);
}

int magic__page_last(uint64_t word, uintptr_t page, unsigned g, struct magic__object *ret)
{
    const struct magic__heap_page *rec = magic__word_record(word);
    int at = last_slot(rec, g);
    if (at < 0)
        return 0;
    const struct magic__heap_entry *entry =
        is_uniform(word) ? magic__heap_uniform_entry(uniform_record(word), (unsigned) at)
                         : &rec->entries[rank(rec, (unsigned) at)];
    while (entry->kind == 0) {
        if (at == 0 || (at = last_slot(rec, (unsigned) at - 1)) < 0)
            return 0;
        entry--;
    }
    fill_object(entry, page, (unsigned) at, ret);
    return 1;
}

size_t magic__page_decode(uint64_t word, uintptr_t page, unsigned first, unsigned last,
    struct magic__object *ret, size_t max)
{
    const struct magic__heap_page *rec = magic__word_record(word);
    const struct magic__heap_uniform *uniform = is_uniform(word) ? uniform_record(word) : NULL;
    const struct magic__heap_entry *entry = &rec->entries[uniform ? 0 : rank(rec, first)];
    size_t n = 0;
    for (unsigned i = first / 64; i <= last / 64; i++) {
        uint64_t v = rec->starts[i];
        if (i == first / 64)
            v &= ~(uint64_t) 0 << first % 64;
        if (i == last / 64)
            v &= ~(uint64_t) 0 >> (63 - last % 64);
        for (; v; v &= v - 1, entry++) {
            unsigned g = i * 64 + (unsigned) __builtin_ctzll(v);
            if (uniform)
                entry = magic__heap_uniform_entry(uniform, g);
            if (entry->kind == 0)
                continue;
            fill_object(entry, page, g, &ret[n]);
            if (++n == max)
                return n;
        }
    }
    return n;
}

/* -- changing ---------------------------------------------------------------------------- */

/* Entry slots in use by `n` entries. */
static unsigned used_by(const struct magic__heap_page *rec, unsigned n)
{
    return n + (n > 0 && is_large(&rec->entries[n - 1]) ? LARGE_SLOTS : 0);
}

static unsigned units_for(unsigned slots)
{
    size_t bytes = sizeof(struct magic__heap_page) + slots * sizeof(struct magic__heap_entry);
    return (unsigned) ((bytes + MAGIC__UNIT - 1) / MAGIC__UNIT);
}

static unsigned capacity(uint64_t word)
{
    return (
        unsigned) ((MAGIC__HEAP_WORD_UNITS(word) * MAGIC__UNIT - sizeof(struct magic__heap_page)) /
                   sizeof(struct magic__heap_entry));
}

static void copy_uniform(struct magic__heap_page *to, const struct magic__heap_uniform *from)
{
    struct magic__heap_entry *out = to->entries;
    memcpy(to->starts, from->starts, sizeof(to->starts));
    for (unsigned i = 0; i < WORDS; i++)
        for (uint64_t v = from->starts[i]; v; v &= v - 1)
            *out++ = *magic__heap_uniform_entry(from, i * 64 + (unsigned) __builtin_ctzll(v));
}

/* Copy the `live` live entries of a record, without the freed slots. */
static void copy_live(
    struct magic__heap_page *to, const struct magic__heap_page *from, unsigned live)
{
    const struct magic__heap_entry *entry = from->entries;
    struct magic__heap_entry *out = to->entries;
    if (count_slots(from) == live) {
        memcpy(to, from, sizeof(*to) + used_by(from, live) * sizeof(*out));
        return;
    }
    memset(to->starts, 0, sizeof(to->starts));
    for (unsigned i = 0; i < WORDS; i++) {
        for (uint64_t v = from->starts[i]; v; v &= v - 1, entry++) {
            if (entry->kind == 0)
                continue;
            to->starts[i] |= v & -v;
            *out++ = *entry;
            if (is_large(entry)) /* it is the last */
                memcpy(out, entry + 1, LARGE_SLOTS * sizeof(*out));
        }
    }
}

/* Slots that the last object of a page has besides its entry. */
static unsigned large_slots(uint64_t word)
{
    const struct magic__heap_page *rec = magic__word_record(word);
    unsigned n = rec && !is_uniform(word) ? count_slots(rec) : 0;
    return used_by(rec, n) - n;
}

static void free_record(struct magic__stripe *stripe, uint64_t word)
{
    magic__record_free(stripe, magic__word_record(word),
        is_uniform(word) ? UNIFORM_UNITS : MAGIC__HEAP_WORD_UNITS(word));
}

/* Move a page's live entries to a record with an entry for each and `spare` more slots. */
static struct magic__heap_page *rebuild(
    struct magic__stripe *stripe, uint64_t *word, unsigned spare)
{
    struct magic__heap_page *old = magic__word_record(*word);
    unsigned live = MAGIC__HEAP_WORD_LIVE(*word);
    unsigned units = units_for(live + large_slots(*word) + spare);
    struct magic__heap_page *rec = magic__record_alloc(stripe, units);
    if (!rec)
        return NULL;
    if (old) {
        if (is_uniform(*word))
            copy_uniform(rec, uniform_record(*word));
        else
            copy_live(rec, old, live);
        free_record(stripe, *word);
    } else {
        memset(rec, 0, sizeof(*rec));
        stripe->pages++;
    }
    set_word(word, rec, live, units);
    return rec;
}

/* Take the slot of granule `g` out of a record, live or freed. */
static void cut(struct magic__stripe *stripe, uint64_t *word, unsigned g)
{
    struct magic__heap_page *rec = magic__word_record(*word);
    struct magic__heap_entry *entry = &rec->entries[rank(rec, g)];
    unsigned used = used_by(rec, count_slots(rec)), r = (unsigned) (entry - rec->entries);
    unsigned width = is_large(entry) ? 1 + LARGE_SLOTS : 1;
    if (entry->kind)
        count_live(stripe, word, -1);
    memmove(entry, entry + width, (used - r - width) * sizeof(*entry));
    rec->starts[g / 64] &= ~((uint64_t) 1 << g % 64);
}

/* Cut what cannot be next to a new object of `size` bytes at granule `g`. Objects do not overlap:
 * where a record says otherwise its object has gone unseen, and would break the rule that a large
 * object has the last slot. A large object's own slot must be a new one. */
static void cut_overlapped(struct magic__stripe *stripe, uint64_t *word, unsigned g, size_t size)
{
    const struct magic__heap_page *rec = magic__word_record(*word);
    int last = last_slot(rec, MAGIC__HEAP_GRANULES - 1);
    if (last >= 0 && is_large(&rec->entries[count_slots(rec) - 1]) && (unsigned) last <= g)
        cut(stripe, word, (unsigned) last);
    if (size < MAGIC__HEAP_LARGE)
        return;
    while ((last = last_slot(rec, MAGIC__HEAP_GRANULES - 1)) >= 0 && (unsigned) last >= g)
        cut(stripe, word, (unsigned) last);
}

/* Make a page uniform that has become so meanwhile, to get one more object as `entry`. Returns 1 if so. */
static int even_out(struct magic__stripe *stripe, uint64_t *word, struct magic__heap_entry entry)
{
    struct magic__heap_uniform *rec = magic__uniform_of(stripe, *word, entry);
    if (!rec)
        return 0;
    free_record(stripe, *word);
    set_word(word, rec, MAGIC__HEAP_WORD_LIVE(*word), 0);
    return 1;
}

/* Insert where the granule has no slot to be used again. */
__attribute__((noinline)) static int insert_slot(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, size_t size, uint32_t kind)
{
    unsigned width = size >= MAGIC__HEAP_LARGE ? 1 + LARGE_SLOTS : 1, used;
    struct magic__heap_page *rec = magic__word_record(*word);
    cut_overlapped(stripe, word, g, size);
    used = used_by(rec, count_slots(rec));
    if (used + width > capacity(*word)) {
        const struct magic__heap_entry entry = { (uint16_t) kind, (uint16_t) size };
        if (width == 1 && even_out(stripe, word, entry))
            return magic__uniform_insert(stripe, word, g, entry) ? 0 : MAGIC_ENOMEM;
        rec = rebuild(stripe, word, width);
        if (!rec)
            return MAGIC_ENOMEM;
        used = used_by(rec, count_slots(rec));
    }
    unsigned r = rank(rec, g);
    struct magic__heap_entry *entry = &rec->entries[r];
    if (used > r)
        memmove(entry + width, entry, (used - r) * sizeof(*entry));
    *entry = (struct magic__heap_entry) { (uint16_t) kind,
        width == 1 ? (uint16_t) size : MAGIC__HEAP_LARGE };
    if (width > 1)
        memcpy(entry + 1, &(uint64_t) { size }, sizeof(uint64_t));
    rec->starts[g / 64] |= (uint64_t) 1 << g % 64;
    count_live(stripe, word, 1);
    return 0;
}

/* Give up a record without objects, and one that is mostly unused. */
static void trim(struct magic__stripe *stripe, uint64_t *word)
{
    unsigned live = MAGIC__HEAP_WORD_LIVE(*word);
    if (live == 0) {
        free_record(stripe, *word);
        set_word(word, NULL, 0, 0);
        stripe->pages--;
    } else if (!is_uniform(*word) && live * 2 + 4 <= capacity(*word)) {
        (void) rebuild(stripe, word, 0); /* when memory is out the old record serves as well */
    }
}

int magic__page_insert(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, size_t size, uint32_t kind)
{
    struct magic__heap_page *rec = magic__word_record(*word);
    if (!rec || is_uniform(*word)) {
        struct magic__heap_entry entry = { (uint16_t) kind, (uint16_t) size };
        int small = size < MAGIC__HEAP_LARGE;
        if (!rec && small)
            return magic__uniform_start(stripe, word, g, entry);
        if (rec && small && magic__uniform_insert(stripe, word, g, entry))
            return 0;
        rec = rebuild(stripe, word, 1 + (small ? 0 : LARGE_SLOTS));
        if (!rec)
            return MAGIC_ENOMEM;
    }
    if (size < MAGIC__HEAP_LARGE && has_slot(rec, g)) {
        struct magic__heap_entry *entry = &rec->entries[rank(rec, g)];
        if (!is_large(entry)) {
            if (entry->kind == 0)
                count_live(stripe, word, 1);
            *entry = (struct magic__heap_entry) { (uint16_t) kind, (uint16_t) size };
            return 0;
        }
    }
    return insert_slot(stripe, word, g, size, kind);
}

int magic__page_remove(struct magic__stripe *stripe, uint64_t *word, uintptr_t page, unsigned g,
    unsigned half, struct magic__object *ret)
{
    struct magic__heap_page *rec = magic__word_record(*word);
    if (!rec || !has_slot(rec, g))
        return 0;
    if (is_uniform(*word)) {
        int found = magic__uniform_remove(stripe, word, page, g, half, ret);
        if (found && MAGIC__HEAP_WORD_LIVE(*word) == 0)
            trim(stripe, word);
        return found;
    }
    struct magic__heap_entry *entry = &rec->entries[rank(rec, g)];
    if (entry->kind == 0 || (entry->kind & MAGIC__HEAP_HALF) != half)
        return 0;
    fill_object(entry, page, g, ret);
    if (__builtin_expect(is_large(entry), 0)) {
        cut(stripe, word, g);
    } else {
        entry->kind = 0;
        count_live(stripe, word, -1);
    }
    if (MAGIC__HEAP_WORD_LIVE(*word) * 2 + 4 <= capacity(*word))
        trim(stripe, word);
    return 1;
}
