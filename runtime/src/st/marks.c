/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A bit for each 16 bytes of the user address space: does something that moved, or that is new, lie
 * there?
 *
 * The scan asks for every word that might be a pointer, so a look-up is two loads. Objects lie on
 * granules of their own, so a pointer between unchanged objects, however mixed they are with
 * changed ones, costs no more. Only parts in which something moved take memory.
 */
#include "st/transfer.h"

#define GRANULE_SHIFT 4
#define GIB_SHIFT     30
#define GIB_BYTES     (1u << (GIB_SHIFT - GRANULE_SHIFT - 3))

int st__mark(struct st__transfer *t, struct st__marks **marks, uintptr_t lo, uintptr_t hi)
{
    if (!*marks) {
        *marks = magic_arena_alloc(&t->arena, sizeof(**marks));
        if (!*marks)
            return MAGIC_ENOMEM;
    }
    if (lo >= hi || (hi - 1) >> 47)
        return 0;
    for (uintptr_t i = lo >> GRANULE_SHIFT; i <= (hi - 1) >> GRANULE_SHIFT; i++) {
        uint8_t **gib = &(*marks)->gib[i >> (GIB_SHIFT - GRANULE_SHIFT)];

        if (!*gib && !(*gib = magic_arena_alloc(&t->arena, GIB_BYTES)))
            return MAGIC_ENOMEM;
        (*gib)[(i >> 3) & (GIB_BYTES - 1)] |= (uint8_t) (1u << (i & 7));
    }
    return 0;
}
