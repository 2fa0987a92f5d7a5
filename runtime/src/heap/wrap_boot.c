/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory for allocations from before the real allocator is known.
 *
 * Looking the allocator up may itself allocate. Such blocks come from a small static arena, are
 * few, and live for ever; free() and realloc() know them by their address.
 */
#include <errno.h>

#include "heap/wrap.h"

enum { HEAD = 16, CHUNK_IS_MMAPPED = 2 };

static size_t used;

size_t magic__boot_usable(const void *p)
{
    return ((const size_t *)p)[-1] - HEAD - CHUNK_IS_MMAPPED;
}

void *magic__boot_alloc(size_t size, size_t align)
{
    const uintptr_t base = (uintptr_t)magic__boot_arena;
    size_t start, end, old = __atomic_load_n(&used, __ATOMIC_RELAXED);
    if (align < HEAD)
        align = HEAD;
    do {
        start = ((base + old + HEAD + align - 1) & ~(uintptr_t)(align - 1)) - base;
        if (size > MAGIC__BOOT_ARENA || align > MAGIC__BOOT_ARENA ||
            start + size > MAGIC__BOOT_ARENA) {
            errno = ENOMEM;
            return NULL;
        }
        end = (start + size + HEAD - 1) / HEAD * HEAD;
    } while (!__atomic_compare_exchange_n(&used, &old, end, 0, __ATOMIC_RELAXED,
        __ATOMIC_RELAXED));
    /* The head of a glibc block that was mapped on its own, so that the program may ask glibc's
     * malloc_usable_size() about it. */
    ((size_t *)(magic__boot_arena + start))[-1] = (end - start + HEAD) | CHUNK_IS_MMAPPED;
    return magic__boot_arena + start;
}
