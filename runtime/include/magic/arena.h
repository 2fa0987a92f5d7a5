/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A bump allocator over mmap for what the runtime keeps about a service.
 *
 * The runtime must not put its own data on the service's heap: the heap is what it describes and
 * rewrites. Arena memory is zeroed, freed as a whole, and never scanned for pointers.
 */
#ifndef MAGIC_ARENA_H
#define MAGIC_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct magic_arena_block;

/** All zero is an empty arena. Not thread-safe: one owner at a time. */
struct magic_arena {
    struct magic_arena_block *blocks;
    size_t used;                      /**< bytes used of the newest block */
};

/** `size` zeroed bytes at 16-byte alignment, or NULL when memory is out. Valid until deinit. */
void *magic_arena_alloc(struct magic_arena *arena, size_t size);

/** Like magic_arena_alloc for `n` elements; NULL also when n * size overflows. */
void *magic_arena_array(struct magic_arena *arena, size_t n, size_t size);

/** Give all memory back; the arena is empty and usable again. */
void magic_arena_deinit(struct magic_arena *arena);

/** The first piece [*lo, *hi) of arena memory of this process that ends after `from`. Returns 1 if
 * there is one. Not thread-safe against arenas that grow meanwhile. */
int magic_arena_owned(uintptr_t from, uintptr_t *lo, uintptr_t *hi);

/** True if [addr, addr + 1) lies in memory of any live arena of this process. Not thread-safe
 * against arenas that grow meanwhile. */
int magic_arena_owns(uintptr_t addr);

#endif
