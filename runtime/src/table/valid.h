/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whether a table still holds what magic/table.h promises; for debug builds and tests.
 */
#ifndef MAGIC_VALID_H
#define MAGIC_VALID_H

#include <stdbool.h>

#include <magic/table.h>

/** Walk a whole table of magic_table_read(). False with what is malformed in `err`, which may be NULL:
 * MAGIC_EBADMSTATE. What strings say is not looked at, only that they are there. */
bool magic__table_is_valid(const struct magic_table *table, struct magic_error *err);

/** True if `p` is an element of an array of `n` elements of `size` bytes. */
static inline bool magic__is_element(const void *array, size_t n, size_t size, const void *p)
{
    size_t at = (size_t) ((const char *) p - (const char *) array);

    return p && at < n * size && at % size == 0;
}

#endif
