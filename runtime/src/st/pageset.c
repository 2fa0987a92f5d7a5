/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A set of pages over the whole user address space.
 *
 * The scan asks it for every word that might be a pointer, so a look-up is two loads; only the
 * parts of it that hold anything take memory.
 */
#include "st/transfer.h"

#define PAGE_SHIFT 12
#define GIB_SHIFT 30
#define GIB_BYTES (1u << (GIB_SHIFT - PAGE_SHIFT - 3))

int st__pageset_add(struct st__transfer *t, uintptr_t lo, uintptr_t hi) {
    if (!t->pages) {
        t->pages = magic_arena_alloc(&t->arena, sizeof(*t->pages));
        if (!t->pages)
            return MAGIC_ENOMEM;
    }
    if (lo >= hi || (hi - 1) >> 47)
        return 0;
    for (uintptr_t page = lo >> PAGE_SHIFT; page <= (hi - 1) >> PAGE_SHIFT; page++) {
        uint8_t **gib = &t->pages->gib[page >> (GIB_SHIFT - PAGE_SHIFT)];

        if (!*gib && !(*gib = magic_arena_alloc(&t->arena, GIB_BYTES)))
            return MAGIC_ENOMEM;
        (*gib)[(page >> 3) & (GIB_BYTES - 1)] |= (uint8_t)(1u << (page & 7));
    }
    return 0;
}
