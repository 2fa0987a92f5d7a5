/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Records of uniform pages (see heap_layout.h): one entry for all objects but a few.
 *
 * Programs have one sort of object that lives long among others that come and go, and an allocator puts
 * objects of one size together. So room for two others keeps most pages uniform.
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

/* Make `entry` that of all if the other objects than that at `g` need not be so: none has the one of all, or
 * a single one while the others are as `entry`. `live` counts no object at `g` that has it. Returns 1 if so. */
static int turn(
    struct magic__heap_uniform *rec, unsigned live, unsigned g, struct magic__heap_entry entry)
{
    struct magic__heap_other *others = rec->others, last = { .entry = rec->entry };
    unsigned n_others = 0, alike = 0;
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++) {
        n_others += others[i].entry.kind != 0;
        alike += others[i].granule != g && is_same(others[i].entry, entry);
    }
    if (live == n_others) {
        rec->entry = entry;
        for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
            if (is_same(others[i].entry, entry))
                others[i].entry.kind = 0;
        return 1;
    }
    if (live > n_others + 1 || alike < MAGIC__HEAP_OTHERS)
        return 0;
    last.granule = first_plain(rec, g);
    memset(others, 0, sizeof(rec->others));
    others[0] = last;
    rec->entry = entry;
    return 1;
}

static struct magic__heap_other *free_other(struct magic__heap_uniform *rec)
{
    for (unsigned i = 0; i < MAGIC__HEAP_OTHERS; i++)
        if (!rec->others[i].entry.kind)
            return &rec->others[i];
    return NULL;
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
__attribute__((noinline)) static int set_other(
    struct magic__heap_uniform *rec, unsigned live, unsigned g, struct magic__heap_entry entry)
{
    struct magic__heap_other *other = other_at(rec, g);
    int plain = !other && (rec->starts[g / 64] >> g % 64 & 1);
    if (turn(rec, live - (unsigned) plain, g, entry)) {
        if (other)
            other->entry.kind = 0;
        return 1;
    }
    other = other ? other : free_other(rec);
    if (!other)
        return 0;
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
