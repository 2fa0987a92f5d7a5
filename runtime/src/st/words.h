/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding the words of a piece of memory that lead to where something moved: the scan's inner loops.
 *
 * They only compare, and run at the speed of memory. Where the old image and little else moved, words
 * are compared with a few ranges, many words at a time; where heap objects did, with the marks.
 */
#ifndef ST_WORDS_H
#define ST_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "image/image.h"

struct st__marks;

enum { ST__RANGES = 4, ST__HITS = 64 };

struct st__finder {
    const struct st__marks *marks; /**< NULL: the ranges decide */
    struct magic__range ranges[ST__RANGES];
};

/** The next words that lead away: their places go to `hits`, which has room for ST__HITS, and *p behind
 * what was looked at. Returns their number; 0 only at the end. pre: aligned. */
size_t st__find_words(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits);

/** The same by instructions that all processors have; for tests. */
size_t st__find_words_plain(
    const struct st__finder *f, const uintptr_t **p, const uintptr_t *end, const uintptr_t **hits);

#endif
