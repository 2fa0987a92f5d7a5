/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sorting index arrays in guaranteed n log n without malloc (libc's qsort gives neither).
 */
#ifndef MAGIC_SORT_H
#define MAGIC_SORT_H

#include <stddef.h>
#include <stdint.h>

/** Orders elements `a` and `b` of what `ctx` describes: <0, 0 or >0. */
typedef int (*magic__cmp_t)(const void *ctx, uint32_t a, uint32_t b);

/** Sort `n` ids, stably. `tmp` has room for n ids. */
void magic__sort_ids(uint32_t *ids, uint32_t *tmp, size_t n, magic__cmp_t cmp, const void *ctx);

#endif
