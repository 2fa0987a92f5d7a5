/* SPDX-License-Identifier: BSD-2-Clause
 * An allocator that tells which site it was called for. Built without the pass. */
#include <stdio.h>
#include <stdlib.h>

__thread unsigned long *__magic_site; /* a site record starts with the element's size */

void *probe(size_t size)
{
    if (__magic_site)
        printf("size %zu: element %lu\n", size, *__magic_site);
    else
        printf("size %zu: no site\n", size);
    return malloc(size);
}
