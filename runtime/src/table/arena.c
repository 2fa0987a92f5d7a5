/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A bump allocator over page mappings, and the list of all live blocks of the process.
 *
 * The list answers "is this address the runtime's own?" for memory scans. It is a lock-protected
 * list of blocks, few and large: a block grows with the arena, so n bytes take O(log n) blocks.
 */
#include <magic/arena.h>

#include <stdatomic.h>

#include "os/os_memory.h"

#define BLOCK_MIN ((size_t) 64 << 10)
#define BLOCK_MAX ((size_t) 64 << 20)
#define ALIGN     16u

struct magic_arena_block {
    struct magic_arena_block *older;       /* of the same arena */
    struct magic_arena_block *prev, *next; /* of the process, under `lock` */
    size_t size;                           /* bytes, this header included */
};

static struct magic_arena_block *all_blocks;
static atomic_flag lock = ATOMIC_FLAG_INIT;

static size_t header_size(void)
{
    return (sizeof(struct magic_arena_block) + ALIGN - 1) & ~(size_t) (ALIGN - 1);
}

static void lock_blocks(void)
{
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
        ;
}

static void unlock_blocks(void)
{
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

static void block_publish(struct magic_arena_block *block)
{
    lock_blocks();
    block->next = all_blocks;
    if (all_blocks)
        all_blocks->prev = block;
    all_blocks = block;
    unlock_blocks();
}

static void block_withdraw(struct magic_arena_block *block)
{
    lock_blocks();
    if (block->prev)
        block->prev->next = block->next;
    else
        all_blocks = block->next;
    if (block->next)
        block->next->prev = block->prev;
    unlock_blocks();
}

/* A new newest block with room for `size` more bytes. */
static struct magic_arena_block *arena_grow(struct magic_arena *arena, size_t size)
{
    struct magic_arena_block *block;
    size_t want = arena->blocks ? arena->blocks->size : BLOCK_MIN / 2;
    size_t need;

    if (__builtin_add_overflow(size, header_size() + 4095, &need))
        return NULL;
    need &= ~(size_t) 4095;
    want = want < BLOCK_MAX / 2 ? want * 2 : BLOCK_MAX;
    if (want < need)
        want = need;
    block = magic__os_pages_alloc(want);
    if (!block)
        return NULL;
    block->size = want;
    block->older = arena->blocks;
    arena->blocks = block;
    arena->used = header_size();
    block_publish(block);
    return block;
}

void *magic_arena_alloc(struct magic_arena *arena, size_t size)
{
    struct magic_arena_block *block = arena->blocks;
    void *ret;

    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size = (size + ALIGN - 1) & ~(size_t) (ALIGN - 1);
    if (!block || block->size - arena->used < size)
        block = arena_grow(arena, size);
    if (!block)
        return NULL;
    ret = (char *) block + arena->used;
    arena->used += size;
    return ret;
}

void *magic_arena_array(struct magic_arena *arena, size_t n, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(n, size, &bytes))
        return NULL;
    return magic_arena_alloc(arena, bytes);
}

void magic_arena_deinit(struct magic_arena *arena)
{
    struct magic_arena_block *block = arena->blocks;

    while (block) {
        struct magic_arena_block *older = block->older;

        block_withdraw(block);
        magic__os_pages_free(block, block->size);
        block = older;
    }
    arena->blocks = NULL;
    arena->used = 0;
}

int magic_arena_owns(uintptr_t addr)
{
    const struct magic_arena_block *block;

    for (block = all_blocks; block; block = block->next)
        if (addr - (uintptr_t) block < block->size)
            return 1;
    return 0;
}

int magic_arena_owned(uintptr_t from, uintptr_t *lo, uintptr_t *hi)
{
    const struct magic_arena_block *block, *first = NULL;

    for (block = all_blocks; block; block = block->next)
        if ((uintptr_t) block + block->size > from && (!first || block < first))
            first = block;
    if (!first)
        return 0;
    *lo = (uintptr_t) first;
    *hi = *lo + first->size;
    return 1;
}
