/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A library that is loaded while the program runs.
 */
#include <stdlib.h>

/* A slot in data, next to the ones that calls go through. */
void *(*late_table[])(size_t) = { malloc };

void *late_malloc(size_t size);
void late_free(void *p);

void *late_malloc(size_t size)
{
    return malloc(size);
}

void late_free(void *p)
{
    free(p);
}
