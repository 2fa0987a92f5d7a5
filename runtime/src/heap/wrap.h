/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the allocation wrappers share: the allocator behind them and the blocks from before it.
 */
#ifndef MAGIC_WRAP_H
#define MAGIC_WRAP_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/heap_layout.h"

/** The wrapped allocator. All of it comes from one library; what else the malloc family has is
 * made of these, so that blocks of two allocators are never mixed. Before the allocator is known
 * the pointers lead to functions that find it first. */
struct magic__next {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
    int (*posix_memalign)(void **, size_t, size_t);
    size_t (*usable)(void *);
};
extern struct magic__next magic__next;

/* The start-up arena (wrap_boot.c). */
enum { MAGIC__BOOT_ARENA = 16384 };
extern char magic__boot_arena[MAGIC__BOOT_ARENA];

/** True for a block of the start-up arena. */
static inline int magic__boot_owns(const void *p)
{
    return (uintptr_t) p - (uintptr_t) magic__boot_arena < MAGIC__BOOT_ARENA;
}
/** A zeroed block of the start-up arena, aligned to 16 or `align` bytes; NULL if it is full. */
void *magic__boot_alloc(size_t size, size_t align);
/** Usable bytes of a block of the start-up arena. */
size_t magic__boot_usable(const void *p);

/* The wrappers under names that nobody can put another function in front of. */
void *magic__malloc(size_t size);
void *magic__calloc(size_t n, size_t size);
void *magic__realloc(void *p, size_t size);
void *magic__reallocarray(void *p, size_t n, size_t size);
void magic__free(void *p);
int magic__posix_memalign(void **ret, size_t align, size_t size);
void *magic__aligned_alloc(size_t align, size_t size);
void *magic__memalign(size_t align, size_t size);
void *magic__valloc(size_t size);
void *magic__pvalloc(size_t size);

/** Set when some image's calls go past the wrappers: nothing is recorded then. */
extern int magic__wrap_off;

/* wrap_malloc.c */

/** Not 0 while the thread is in the allocator: what a crash leaves there nobody can use again. */
extern __thread unsigned magic__wrap_depth __attribute__((tls_model("initial-exec")));

/** The allocation site of the outermost instrumented call that is under way; NULL: none;
 * with MAGIC_SITE_COLLECT or MAGIC_SITE_COLLECTED: blocks that fit are noted, see wrap_late.c. */
extern __thread struct magic_site_rec *__magic_site;

/** True if the thread's current site `site` says to note blocks. */
static inline int magic__wrap_is_late(const struct magic_site_rec *site)
{
    return ((uintptr_t) site & (MAGIC_SITE_COLLECT | MAGIC_SITE_COLLECTED)) != 0;
}
/** True if the thread's current site `site` is one. */
static inline int magic__wrap_is_site(const struct magic_site_rec *site)
{
    return site && !magic__wrap_is_late(site);
}

/** The kind that an allocation of `size` bytes gets by the thread's current site, or MAGIC__KIND_NOTED; 0: no
 * record. */
uint32_t magic__wrap_kind(size_t size);
/** The kind of a site, on its first use too; 0: none. */
uint32_t magic__wrap_kind_of(struct magic_site_rec *site);
/** Does `size` agree with what a kind of blocks says about it? If not, the block is not the site's
 * object, but something that the callee allocates besides, or puts a header in front of. */
int magic__wrap_fits(const struct magic__kind *kind, size_t size);
/** The same, of a kind of sub-objects or mappings. */
int magic__wrap_fits_elsewhere(const struct magic__kind *kind, size_t size);
/** Record a block that was just allocated, or NULL; returns it. One that cannot be recorded is
 * opaque, which is safe. */
void *magic__wrap_record(void *p, size_t size, uint32_t kind);
/** To be called before the first record; harmless later. */
void magic__wrap_prepare(void);

/* wrap_clear.c */

/** From this size on it is worth a look whether a block is clear already. */
extern size_t magic__sparse_from;
/** To be called with the first allocation: under valgrind, whose memcheck finds fault with such looks, no
 * size is. */
void magic__wrap_clear_prepare(void);
/** As magic__wrap_clear(), for large blocks: pages that are clear stay untouched. */
void magic__wrap_clear_sparsely(void *p, size_t n);
/** Write zeroes over `n` bytes. */
static inline void magic__wrap_clear(void *at, size_t n)
{
    char *p = at;
    if (n - 16 <= 48) { /* most blocks: less than the call of a function that finds out how */
        memset(p, 0, 16);
        memset(p + n - 16, 0, 16);
        if (n > 32) {
            memset(p + 16, 0, 16);
            memset(p + n - 32, 0, 16);
        }
    } else if (n < magic__sparse_from) {
        memset(p, 0, n);
    } else {
        magic__wrap_clear_sparsely(p, n);
    }
}

/* wrap_map.c */

/** True for an address in memory that other processes share: it stays what it is in all versions. */
int magic__map_is_shared(uintptr_t addr);

/* wrap_late.c */

/** In place of a kind: the block is noted for __magic_late(). */
#define MAGIC__KIND_NOTED UINT32_MAX

/** Who noted the block at an address: the address and a tag of the thread; 0 or another address: nobody. */
enum { MAGIC__NOTERS = 256 };
extern uint64_t magic__noters[MAGIC__NOTERS];
static inline uint64_t *magic__noter_of(uintptr_t addr)
{
    return &magic__noters[(addr >> 4 ^ addr >> 12) % MAGIC__NOTERS];
}
/** Note a block that was just allocated. */
void magic__wrap_note(uintptr_t addr, size_t size);
/** The block at `addr` is about to be freed: it is no result of a call. */
static inline void magic__wrap_unnote(uintptr_t addr)
{
    uint64_t *noter = magic__noter_of(addr);
    uint64_t seen = __atomic_load_n(noter, __ATOMIC_RELAXED);
    if (__builtin_expect(!((seen ^ addr) << (64 - MAGIC__HEAP_ADDR_BITS)), 0))
        __atomic_store_n(noter, 0, __ATOMIC_RELAXED);
}
/** As magic__heap_take(), but a sub-object stays. */
int magic__wrap_take(void *p, struct magic__object *ret);

/** Bytes to ask the allocator for, so that a typed object starts on a granule of its own. */
static inline size_t magic__wrap_room(size_t size)
{
    /* glibc's smallest block is larger anyway; others put 8-byte blocks side by side. */
    return size < 16 ? 16 : size;
}

/** True if malloc and free lead here from everywhere, so that nothing is preloaded in front of the
 * wrappers. Costs nothing: the dynamic linker has looked both up. */
int magic__wrap_is_first(void);

/** A preloaded library's function that stands before `wrapper` in symbol search order under
 * `name`, or NULL if nothing does. */
void *magic__wrap_preloaded(const char *name, const void *wrapper);

/** True if what is preloaded in front of the wrappers is an allocator of its own. */
int magic__wrap_allocator_ahead(void);

#endif
