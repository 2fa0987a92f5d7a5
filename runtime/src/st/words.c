/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The scan's inner loops; see words.h.
 *
 * In a forked process nothing of a page is near at first, not even where it is: asking for what lies a
 * page ahead makes the scan twice as quick (measured with pages of 4 KiB).
 */
#include <stdbool.h>
#include <sys/platform/x86.h>

#include "st/transfer.h"
#include "st/words.h"

enum { BLOCK = 32, AHEAD = 4096, LINE = 64 };

static inline __attribute__((always_inline)) uintptr_t in_range(
    const struct magic__range *r, uintptr_t word)
{
    return word - r->lo < r->hi - r->lo;
}

static inline __attribute__((always_inline)) uintptr_t leads_away(
    const struct st__finder *f, uintptr_t word)
{
    return in_range(&f->ranges[0], word) | in_range(&f->ranges[1], word) |
           in_range(&f->ranges[2], word) | in_range(&f->ranges[3], word);
}

static inline __attribute__((always_inline)) void fetch_ahead(const uintptr_t *p)
{
    for (size_t i = 0; i < BLOCK * sizeof(*p); i += LINE)
        __builtin_prefetch((const char *) p + AHEAD + i);
}

/* Whether any of the BLOCK words at `p` leads away. */
static inline __attribute__((always_inline)) bool any_leads_away(
    const struct st__finder *f, const uintptr_t *p)
{
    const struct st__finder copy = *f;
    uintptr_t any = 0;

    for (size_t i = 0; i < BLOCK; i++)
        any |= leads_away(&copy, p[i]);
    return any != 0;
}

/* The words that lead away, by the marks or by the ranges: one loop, of which each caller below gets a
 * copy that asks for one of them only. */
static inline __attribute__((always_inline)) size_t find(const struct st__finder *f, bool by_marks,
    const uintptr_t **pos, const uintptr_t *end, const uintptr_t **hits)
{
    const uintptr_t *p = *pos;
    size_t n = 0;

    while (p < end && n + BLOCK <= ST__HITS) {
        size_t size = (size_t) (end - p) < BLOCK ? (size_t) (end - p) : BLOCK;

        fetch_ahead(p);
        if (by_marks || size < BLOCK || any_leads_away(f, p))
            for (size_t i = 0; i < size; i++) {
                hits[n] = &p[i];
                n += by_marks ? st__is_marked(f->marks, p[i]) : leads_away(f, p[i]);
            }
        p += size;
    }
    *pos = p;
    return n;
}

static size_t find_in_ranges(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits)
{
    return find(f, false, p, end, hits);
}

__attribute__((target("avx2"))) static size_t find_in_ranges_wide(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits)
{
    return find(f, false, p, end, hits);
}

static size_t find_in_marks(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits)
{
    return find(f, true, p, end, hits);
}

size_t st__find_words_plain(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits)
{
    return f->marks ? find_in_marks(f, p, end, hits) : find_in_ranges(f, p, end, hits);
}

size_t st__find_words(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits)
{
    if (!f->marks && x86_cpu_active(x86_cpu_AVX2))
        return find_in_ranges_wide(f, p, end, hits);
    return st__find_words_plain(f, p, end, hits);
}
