/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pools: allocators of the program whose objects lie inside blocks of memory that libc gave out.
 *
 * Only the caller of a pool knows where an object starts, how long it is and what it is, so the pass
 * has it tell after the call. The object is recorded as a sub-object of its block. It ends with the
 * block, when the pool gives its bytes out again, typed or not, or when it is given back. Objects in
 * the variables of an image, on a stack or in shared mappings stay unknown: those are no heap; the
 * first have types of their own, and what other processes see must not change.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <unistd.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

#define HOOK __attribute__((visibility("default")))

extern void __magic_pool(void *p, size_t size, size_t count, struct magic_site_rec *site);
extern void __magic_pool_free(void *p);
extern void *__libc_stack_end;

/* The end of this thread's stack. */
static uintptr_t stack_end(void)
{
    static __thread uintptr_t end __attribute__((tls_model("initial-exec")));
    pthread_attr_t attr;
    void *lo;
    size_t size;
    if (end)
        return end;
    end = (uintptr_t) __libc_stack_end;
    if (getpid() == gettid() || pthread_getattr_np(pthread_self(), &attr) != 0)
        return end;
    if (pthread_attr_getstack(&attr, &lo, &size) == 0)
        end = (uintptr_t) lo + size;
    pthread_attr_destroy(&attr);
    return end;
}

/* Is the address one of memory that goes from one version to the next as it is? */
static int is_heap(uintptr_t addr)
{
    struct dl_find_object found;
    uintptr_t here = (uintptr_t) __builtin_frame_address(0);
    if (addr >= here && addr < stack_end())
        return 0;
    return !magic__map_is_shared(addr) && _dl_find_object((void *) addr, &found) != 0;
}

/** Called after each call of a pool: it returned `p` for `count` times `size` bytes at `site`. A size
 * of 0 is one element of the site's type. */
HOOK void __magic_pool(void *p, size_t size, size_t count, struct magic_site_rec *site)
{
    uintptr_t addr = (uintptr_t) p;
    size_t total;
    if (!p || magic__wrap_off || __builtin_mul_overflow(size, count, &total))
        return;
    struct magic_site_rec *outer = __magic_site;
    __magic_site = NULL;
    uint32_t number = magic__wrap_kind_of(site);
    const struct magic__kind *kind = number ? magic__kind(number) : NULL;
    if (total == 0)
        total = kind ? kind->elem_size : 1;
    int result = MAGIC_EINVAL;
    if (kind && magic__wrap_fits_elsewhere(kind, total) && is_heap(addr))
        result = magic__heap_add_sub(addr, total, number);
    if (result != 0 && magic__heap_has_subs)
        magic__heap_drop(addr, addr + total, MAGIC_SITE_POOL);
    __magic_site = outer;
}

/** Called before an object is given back to a pool. */
HOOK void __magic_pool_free(void *p)
{
    struct magic__object object;
    uintptr_t addr = (uintptr_t) p;
    if (magic__heap_has_subs && magic__heap_find(addr, &object) && object.addr == addr &&
        magic__kind(object.kind)->flags & MAGIC_SITE_POOL)
        magic__heap_remove(addr, NULL);
}
