/* SPDX-License-Identifier: BSD-2-Clause
 *
 * malloc, calloc, realloc, reallocarray and free in front of the process's allocator.
 *
 * They record what instrumented code allocates: the pass leaves the address of an allocation
 * site's record in __magic_site around the call. Everything else passes through at the cost of a
 * load and a branch. A record goes before its block does: once the allocator has the block back,
 * another thread may own the address.
 *
 * All memory is given out zeroed. What an earlier owner left in a block is no state, but it would
 * look like some: to a scan for pointers, half of an old address with a few characters written
 * over the other half is an address.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

#define EXPORT(name)                      \
    extern __typeof__(magic__##name) name \
        __attribute__((alias("magic__" #name), visibility("default")))

__thread struct magic_site_rec *__magic_site
    __attribute__((tls_model("initial-exec"), visibility("default")));

int magic__wrap_off;

__thread unsigned magic__wrap_depth __attribute__((tls_model("initial-exec")));

static int fits(const struct magic__kind *kind, size_t size)
{
    if (kind->flags & MAGIC_SITE_ARRAY)
        return size <= UINT32_MAX ? (uint32_t) size % kind->elem_size == 0
                                  : size % kind->elem_size == 0;
    return size >= kind->elem_size;
}

int magic__wrap_fits(const struct magic__kind *kind, size_t size)
{
    const uint32_t elsewhere = MAGIC_SITE_POOL | MAGIC_SITE_MAPPED;
    if ((kind->flags & (MAGIC_SITE_SINGLE | elsewhere)) == MAGIC_SITE_SINGLE)
        return size == kind->elem_size;
    return !(kind->flags & elsewhere) && fits(kind, size);
}

int magic__wrap_fits_elsewhere(const struct magic__kind *kind, size_t size)
{
    return kind->flags & MAGIC_SITE_SINGLE ? size == kind->elem_size : fits(kind, size);
}

/* Before the first record. What the preparation allocates is not of the current site. */
__attribute__((noinline)) void magic__wrap_prepare(void)
{
    static int prepared;
    struct magic_site_rec *site = __magic_site;
    if (__atomic_exchange_n(&prepared, 1, __ATOMIC_RELAXED))
        return;
    __magic_site = NULL;
    magic__heap_prepare();
    __magic_site = site;
}

uint32_t magic__wrap_kind_of(struct magic_site_rec *site)
{
    if (__builtin_expect(__atomic_load_n(&site->kind, __ATOMIC_RELAXED) == 0, 0))
        magic__wrap_prepare();
    return magic__kind_of_site(site);
}

/* Is a block of `size` bytes one to note? Not if it will not fit the site anyway. */
static inline int is_noted(const struct magic_site_rec *current, size_t size)
{
    const uintptr_t tags = MAGIC_SITE_COLLECT | MAGIC_SITE_COLLECTED;
    const struct magic_site_rec *site = (const void *) ((uintptr_t) current & ~tags);
    if (!site)
        return size != 0;
    return site->flags & MAGIC_SITE_SINGLE ? size == site->elem_size : size >= site->elem_size;
}

/* The kind by a site; noinline, because most sites that say what a block is are late ones. */
__attribute__((noinline)) static uint32_t kind_by_site(struct magic_site_rec *site, size_t size)
{
    uint32_t kind = magic__wrap_kind_of(site);
    return kind && magic__wrap_fits(magic__kind(kind), size) ? kind : 0;
}

static inline uint32_t kind_now(size_t size)
{
    struct magic_site_rec *site = __magic_site;
    if (!site || magic__wrap_off)
        return 0;
    if (magic__wrap_is_late(site))
        return is_noted(site, size) ? MAGIC__KIND_NOTED : 0;
    return kind_by_site(site, size);
}

uint32_t magic__wrap_kind(size_t size)
{
    return kind_now(size);
}

void *magic__wrap_record(void *p, size_t size, uint32_t kind)
{
    if (p && kind == MAGIC__KIND_NOTED)
        magic__wrap_note((uintptr_t) p, size);
    else if (p)
        (void) magic__heap_add((uintptr_t) p, size, kind);
    return p;
}

/* From this size on allocators map memory, which their calloc knows to be clear. */
enum { MAPPED = 1 << 17 };

static void *malloc_zeroed(size_t size)
{
    if (size >= MAPPED)
        return magic__next.calloc(1, size);
    void *p = magic__next.malloc(size);
    if (p)
        magic__wrap_clear(p, magic__next.usable(p));
    return p;
}

/* As realloc, with zeroes in what the block gains. */
static void *realloc_zeroed(void *p, size_t size)
{
    size_t old = magic__next.usable(p);
    void *q = magic__next.realloc(p, size);
    size_t usable = q ? magic__next.usable(q) : 0;
    if (usable > old)
        magic__wrap_clear((char *) q + old, usable - old);
    return q;
}

static void *do_malloc(size_t size)
{
    uint32_t kind = kind_now(size);
    if (!kind)
        return malloc_zeroed(size);
    return magic__wrap_record(malloc_zeroed(magic__wrap_room(size)), size, kind);
}

static void *do_calloc(size_t n, size_t size)
{
    size_t total;
    uint32_t kind =
        __magic_site && !__builtin_mul_overflow(n, size, &total) ? magic__wrap_kind(total) : 0;
    if (!kind)
        return magic__next.calloc(n, size);
    return magic__wrap_record(magic__next.calloc(1, magic__wrap_room(total)), total, kind);
}

/* Forget the sub-objects of a block that is about to be freed. */
__attribute__((noinline)) static void forget_subs(void *p)
{
    uintptr_t at = (uintptr_t) p;
    if (!p)
        return;
    uintptr_t last = at + magic__next.usable(p) - 1;
    /* Most blocks lie on one page or two, and most of these have no record. */
    if (magic__heap_maybe(at) || magic__heap_maybe(last) || last - at > 8192)
        magic__heap_drop(at, last + 1, 0);
}

static void do_free(void *p)
{
    struct magic__object object;
    if (magic__boot_owns(p))
        return;
    magic__wrap_unnote((uintptr_t) p);
    if (__builtin_expect(magic__heap_starts((uintptr_t) p), 0))
        magic__heap_take((uintptr_t) p, &object);
    if (__builtin_expect(magic__heap_has_subs, 0))
        forget_subs(p);
    magic__next.free(p);
}

/* The kind of a block of kind `old` (0: none) that is about to have `size` bytes. A site that
 * knows the type decides; one that does not, or means another object, leaves things as they are. In a call
 * that nobody knows to allocate the block becomes opaque, until the call's result is typed. */
static uint32_t kind_after_realloc(uint32_t old, size_t size)
{
    const struct magic_site_rec *site = __magic_site;
    if (magic__wrap_is_site(site) && (site->flags & MAGIC_SITE_LEAF))
        return 0;
    uint32_t kind = magic__wrap_kind(size);
    if (kind || magic__wrap_is_late(site))
        return kind;
    return old && magic__wrap_fits(magic__kind(old), size) ? old : 0;
}

/* The block's own object gets a kind by the site, the sub-objects go where the bytes go. */
static void *realloc_recorded(void *p, size_t size)
{
    struct magic__heap_moved subs = { 0 };
    struct magic__object old = { .kind = 0 };
    uintptr_t at = (uintptr_t) p;
    int had = magic__wrap_take(p, &old);
    if (magic__heap_has_subs)
        magic__heap_move_out(at, at + magic__next.usable(p), &subs);
    uint32_t kind = size ? kind_after_realloc(old.kind, size) : 0;
    void *q = realloc_zeroed(p, kind ? magic__wrap_room(size) : size);
    if (q && kind && subs.n == 0)
        magic__wrap_record(q, size, kind);
    else if (!q && size && had) /* with a size of 0, NULL means that the block is gone */
        magic__wrap_record(p, old.size, old.kind);
    if (subs.size)
        magic__heap_move_in(&subs, q ? (uintptr_t) q : at, q || !size ? size : SIZE_MAX);
    return q;
}

static void *realloc_boot(const void *p, size_t size)
{
    void *q = magic__malloc(size);
    size_t old = magic__boot_usable(p);
    return q ? __builtin_memcpy(q, p, old < size ? old : size) : NULL;
}

static void *do_realloc(void *p, size_t size)
{
    if (!p)
        return magic__malloc(size);
    if (__builtin_expect(magic__boot_owns(p), 0))
        return realloc_boot(p, size);
    magic__wrap_unnote((uintptr_t) p);
    if (__magic_site || magic__heap_starts((uintptr_t) p) || magic__heap_has_subs)
        return realloc_recorded(p, size);
    return realloc_zeroed(p, size);
}

void *magic__malloc(size_t size)
{
    magic__wrap_depth++;
    void *p = do_malloc(size);
    magic__wrap_depth--;
    return p;
}

void *magic__calloc(size_t n, size_t size)
{
    magic__wrap_depth++;
    void *p = do_calloc(n, size);
    magic__wrap_depth--;
    return p;
}

void *magic__realloc(void *p, size_t size)
{
    magic__wrap_depth++;
    void *q = do_realloc(p, size);
    magic__wrap_depth--;
    return q;
}

void magic__free(void *p)
{
    magic__wrap_depth++;
    do_free(p);
    magic__wrap_depth--;
}

void *magic__reallocarray(void *p, size_t n, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(n, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return magic__realloc(p, total);
}

void *magic__heap_alloc(size_t size, size_t align)
{
    void *p = NULL;
    if (align <= 16)
        return magic__next.malloc(magic__wrap_room(size));
    return magic__next.posix_memalign(&p, align, size) == 0 ? p : NULL;
}

void magic__heap_free(void *p)
{
    if (!magic__boot_owns(p))
        magic__next.free(p);
}

size_t magic__heap_usable(void *p)
{
    return magic__boot_owns(p) ? magic__boot_usable(p) : magic__next.usable(p);
}

EXPORT(malloc);
EXPORT(calloc);
EXPORT(realloc);
EXPORT(reallocarray);
EXPORT(free);
