/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Records of uniform pages (see heap_layout.h): one entry for all objects but a few.
 *
 * Programs have one sort of object that lives long among others that come and go, and an allocator puts
 * objects of one size together. So room for a few others keeps most pages uniform.
 */
#include <string.h>

#include "heap/heap_page.h"

static int is_same(struct magic__heap_entry a, struct magic__heap_entry b)
{
    return a.kind == b.kind && a.size == b.size;
}

/* The other that starts at granule `g`, or NULL. */
static struct magic__heap_other *other_at(struct magic__heap_uniform *rec, unsigned g)
{
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
        if (rec->others[i].granule == g && rec->others[i].entry.kind)
            return &rec->others[i];
    return NULL;
}

/* The granule of the first object but that at `g` that is no other; there is one. */
static uint8_t first_plain(struct magic__heap_uniform *rec, unsigned g)
{
    unsigned at = 0;
    while (!(rec->starts[at / 64] >> at % 64 & 1) || at == g || other_at(rec, at))
        at++;
    return (uint8_t) at;
}

static struct magic__heap_other *free_other(struct magic__heap_uniform *rec)
{
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
        if (!rec->others[i].entry.kind)
            return &rec->others[i];
    return NULL;
}

/* All others are in use, none for granule `g`: make `entry` that of all, if at most one object has the present
 * one, for which there is room when those as `entry` are no others any more. `live` counts no object at `g`.
 * Returns 1 if so. */
static int turn(
    struct magic__heap_uniform *rec, unsigned live, unsigned g, struct magic__heap_entry entry)
{
    struct magic__heap_other last = { .entry = rec->entry };
    unsigned alike = 0, plain = live - MAGIC__HEAP_OTHERS;
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
        alike += is_same(rec->others[i].entry, entry);
    if (plain > 1 || plain > alike)
        return 0;
    if (plain)
        last.granule = first_plain(rec, g);
    rec->entry = entry;
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
        if (is_same(rec->others[i].entry, entry))
            rec->others[i].entry.kind = 0;
    if (plain)
        *free_other(rec) = last;
    return 1;
}

int magic__uniform_start(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, struct magic__heap_entry entry)
{
    struct magic__heap_uniform *rec =
        (void *) magic__record_alloc(stripe, sizeof(*rec) / MAGIC__UNIT);
    if (!rec)
        return MAGIC_ENOMEM;
    memset(rec, 0, sizeof(*rec));
    rec->starts[g / 64] = (uint64_t) 1 << g % 64;
    rec->entry = entry;
    stripe->pages++;
    stripe->objects++;
    set_word(word, rec, 1, 0);
    return 0;
}

/* Give the object at `g`, which may have to come yet, an entry that is not that of all. Returns 1 if there
 * was room. */
static int set_other(
    struct magic__heap_uniform *rec, unsigned live, unsigned g, struct magic__heap_entry entry)
{
    struct magic__heap_other *other = other_at(rec, g);
    if (!other)
        other = free_other(rec);
    if (!other)
        return turn(rec, live - (rec->starts[g / 64] >> g % 64 & 1), g, entry);
    *other = (struct magic__heap_other) { .granule = (uint8_t) g, .entry = entry };
    return 1;
}

int magic__uniform_insert(
    struct magic__stripe *stripe, uint64_t *word, unsigned g, struct magic__heap_entry entry)
{
    struct magic__heap_uniform *rec = uniform_record(*word);
    uint64_t bit = (uint64_t) 1 << g % 64, *starts = &rec->starts[g / 64];
    int known = (*starts & bit) != 0;
    if (is_same(rec->entry, entry)) {
        struct magic__heap_other *other = known ? other_at(rec, g) : NULL;
        if (other)
            other->entry.kind = 0;
    } else if (!set_other(rec, MAGIC__HEAP_WORD_LIVE(*word), g, entry)) {
        return 0;
    }
    if (!known) {
        *starts |= bit;
        count_live(stripe, word, 1);
    }
    return 1;
}

struct magic__heap_uniform *magic__uniform_of(
    struct magic__stripe *stripe, uint64_t word, struct magic__heap_entry entry)
{
    const struct magic__heap_page *from = magic__word_record(word);
    const struct magic__heap_entry *at = from->entries;
    struct magic__heap_uniform made = { .entry = entry }, *rec;
    unsigned n_others = 0;
    for (unsigned i = 0; i < MAGIC__HEAP_GRANULES / 64; i++) {
        for (uint64_t v = from->starts[i]; v; v &= v - 1, at++) {
            if (at->kind == 0)
                continue;
            made.starts[i] |= v & -v;
            if (is_same(*at, entry))
                continue;
            if (n_others == MAGIC__HEAP_OTHERS - 1 || is_large(at))
                return NULL;
            made.others[n_others].granule = (uint8_t) (i * 64 + (unsigned) __builtin_ctzll(v));
            made.others[n_others++].entry = *at;
        }
    }
    rec = (void *) magic__record_alloc(stripe, sizeof(*rec) / MAGIC__UNIT);
    if (rec)
        *rec = made;
    return rec;
}

int magic__uniform_remove(struct magic__stripe *stripe, uint64_t *word, uintptr_t page, unsigned g,
    unsigned half, struct magic__object *ret)
{
    struct magic__heap_uniform *rec = uniform_record(*word);
    struct magic__heap_other *other = other_at(rec, g);
    const struct magic__heap_entry *entry = other ? &other->entry : &rec->entry;
    if ((entry->kind & MAGIC__HEAP_HALF) != half)
        return 0;
    fill_object(entry, page, g, ret);
    rec->starts[g / 64] &= ~((uint64_t) 1 << g % 64);
    if (other)
        other->entry.kind = 0;
    count_live(stripe, word, -1);
    return 1;
}
