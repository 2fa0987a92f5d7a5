/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bottom-up merge sort of index arrays.
 */
#include "table/sort.h"

#include <string.h>

static void merge(
    const uint32_t *in, size_t mid, size_t n, uint32_t *out, magic__cmp_t cmp, const void *ctx)
{
    size_t a = 0, b = mid, i;

    for (i = 0; i < n; i++)
        out[i] = a < mid && (b >= n || cmp(ctx, in[a], in[b]) <= 0) ? in[a++] : in[b++];
}

void magic__sort_ids(uint32_t *ids, uint32_t *tmp, size_t n, magic__cmp_t cmp, const void *ctx)
{
    uint32_t *from = ids, *to = tmp, *swap;
    size_t width, i;

    for (width = 1; width < n; width *= 2) {
        for (i = 0; i < n; i += 2 * width) {
            size_t left = n - i;
            size_t mid = left < width ? left : width;

            merge(from + i, mid, left < 2 * width ? left : 2 * width, to + i, cmp, ctx);
        }
        swap = from;
        from = to;
        to = swap;
    }
    if (from != ids)
        memcpy(ids, from, n * sizeof(*ids));
}
