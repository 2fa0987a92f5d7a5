/* SPDX-License-Identifier: BSD-2-Clause
 *
 * mmap, mremap and munmap: mappings whose site has a type are objects too, and what was recorded in
 * memory that is unmapped or moved must not stay behind.
 *
 * libc's own functions do no more than the system call, and looking them up could allocate, so the
 * call is made here. Only private anonymous memory is recorded. A record goes before its memory
 * does: once the kernel has the range back, another thread may own it.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

#define HOOK __attribute__((visibility("default")))
#define PAGE ((size_t) 1 << MAGIC__HEAP_PAGE_BITS)

static void *raw(long result)
{
    return (void *) result; /* -1 is MAP_FAILED */
}

/* The end of a mapping of `size` bytes at `lo`. */
static uintptr_t end_of(uintptr_t lo, size_t size)
{
    uintptr_t end = lo + size;
    return end > UINTPTR_MAX - PAGE ? UINTPTR_MAX : (end + PAGE - 1) & ~(PAGE - 1);
}

/* Is there a record that could be in the way? */
static int any_recorded(void)
{
    return magic__kind_count() > 1;
}

/* The thread's site, taken away while the call runs: the index maps memory of its own, which must not
 * be recorded as the service's. */
static struct magic_site_rec *take_site(void)
{
    struct magic_site_rec *site = __magic_site;
    __magic_site = NULL;
    return site;
}

/* Record a mapping by its site. Returns 0 if that does not know it. */
static int record(struct magic_site_rec *site, uintptr_t addr, size_t size)
{
    if (!magic__wrap_is_site(site) || magic__wrap_off || !(site->flags & MAGIC_SITE_MAPPED))
        return 0;
    uint32_t kind = magic__wrap_kind_of(site);
    if (!kind || !magic__wrap_fits_elsewhere(magic__kind(kind), size))
        return 0;
    return magic__heap_add(addr, size, kind) == 0;
}

/* Shared mappings. Slots are claimed and released without a lock; when all are in use, all memory
 * counts as shared. */
static struct {
    uintptr_t lo, hi;
} shared[64];
static int shared_overflow;

enum { SHARED = sizeof(shared) / sizeof(shared[0]) };

static void note_shared(uintptr_t lo, uintptr_t hi)
{
    for (int i = 0; i < SHARED; i++) {
        uintptr_t none = 0;
        if (__atomic_compare_exchange_n(
                &shared[i].lo, &none, lo, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            __atomic_store_n(&shared[i].hi, hi, __ATOMIC_RELEASE);
            return;
        }
    }
    __atomic_store_n(&shared_overflow, 1, __ATOMIC_RELAXED);
}

/* Forget shared mappings that are unmapped whole. */
static void forget_shared(uintptr_t lo, uintptr_t hi)
{
    for (int i = 0; i < SHARED; i++) {
        uintptr_t at = __atomic_load_n(&shared[i].lo, __ATOMIC_ACQUIRE);
        uintptr_t end = __atomic_load_n(&shared[i].hi, __ATOMIC_ACQUIRE);
        if (at && end && at >= lo && end <= hi) {
            __atomic_store_n(&shared[i].hi, 0, __ATOMIC_RELEASE);
            __atomic_store_n(&shared[i].lo, 0, __ATOMIC_RELEASE);
        }
    }
}

int magic__map_is_shared(uintptr_t addr)
{
    if (__atomic_load_n(&shared_overflow, __ATOMIC_RELAXED))
        return 1;
    for (int i = 0; i < SHARED; i++) {
        uintptr_t lo = __atomic_load_n(&shared[i].lo, __ATOMIC_ACQUIRE);
        if (lo && addr >= lo && addr < __atomic_load_n(&shared[i].hi, __ATOMIC_ACQUIRE))
            return 1;
    }
    return 0;
}

HOOK void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    const int type = flags & MAP_TYPE;
    struct magic_site_rec *site = take_site();
    /* MAP_FIXED unmaps what is there. */
    if ((flags & MAP_FIXED) && any_recorded())
        magic__heap_drop((uintptr_t) at, end_of((uintptr_t) at, size), 0);
    void *p = raw(syscall(SYS_mmap, at, size, prot, flags, fd, offset));
    if (p != MAP_FAILED && type == MAP_PRIVATE && (flags & MAP_ANONYMOUS))
        record(site, (uintptr_t) p, size);
    else if (p != MAP_FAILED && type != MAP_PRIVATE)
        note_shared((uintptr_t) p, end_of((uintptr_t) p, size));
    __magic_site = site;
    return p;
}

extern __typeof__(mmap) mmap64 __attribute__((alias("mmap"), visibility("default")));

HOOK int munmap(void *at, size_t size)
{
    uintptr_t lo = (uintptr_t) at;
    if (any_recorded() && lo % PAGE == 0)
        magic__heap_drop(lo, end_of(lo, size), 0);
    forget_shared(lo, end_of(lo, size));
    return (int) syscall(SYS_munmap, at, size);
}

/* Let the objects of a mapping follow it from `moved->lo` to `to`. The one that is the mapping itself
 * grows and shrinks with it, unless its kind forbids. */
static void follow(struct magic__heap_moved *moved, uintptr_t to, size_t size)
{
    struct magic__object *first = moved->at;
    if (moved->n == 1 && first->addr == moved->lo) {
        const struct magic__kind *kind = magic__kind(first->kind);
        if ((kind->flags & MAGIC_SITE_MAPPED) && magic__wrap_fits_elsewhere(kind, size))
            first->size = size;
    }
    magic__heap_move_in(moved, to, size);
}

HOOK void *mremap(void *at, size_t old_size, size_t size, int flags, ...)
{
    struct magic_site_rec *site = take_site();
    struct magic__heap_moved moved = { 0 };
    uintptr_t lo = (uintptr_t) at;
    void *to = NULL;
    va_list ap;
    va_start(ap, flags);
    if (flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
        to = va_arg(ap, void *);
    va_end(ap);
    if (any_recorded() && (flags & MREMAP_FIXED))
        magic__heap_drop((uintptr_t) to, end_of((uintptr_t) to, size), 0);
    if (any_recorded() && lo % PAGE == 0)
        magic__heap_move_out(lo, end_of(lo, old_size), &moved);
    int was_shared = magic__map_is_shared(lo);
    void *p = raw(syscall(SYS_mremap, at, old_size, size, flags, to));
    int saved = errno;
    if (p == MAP_FAILED)
        magic__heap_move_in(&moved, lo, SIZE_MAX);
    else
        follow(&moved, (uintptr_t) p, size);
    if (p != MAP_FAILED && was_shared)
        note_shared((uintptr_t) p, end_of((uintptr_t) p, size));
    else if (p != MAP_FAILED)
        record(site, (uintptr_t) p, size);
    __magic_site = site;
    errno = saved;
    return p;
}
