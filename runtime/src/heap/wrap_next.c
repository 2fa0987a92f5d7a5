/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which allocator stands behind the wrappers.
 *
 * Normally it is the next one in symbol search order. A preloaded allocator stands in front of
 * libmagicrt instead; then the calls have to be led here (wrap_rebind.c) and go on to it.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdlib.h>

#include "heap/wrap.h"

static int resolving, resolved;

static void resolve(void);

/* What the pointers lead to at first. While the allocator is being looked up, a call is a nested
 * one, or another thread's; both live with the start-up arena. */
static int must_boot(void)
{
    if (!__atomic_load_n(&resolved, __ATOMIC_ACQUIRE) &&
        !__atomic_load_n(&resolving, __ATOMIC_ACQUIRE))
        resolve();
    return !__atomic_load_n(&resolved, __ATOMIC_ACQUIRE);
}

static void *boot_malloc(size_t size)
{
    return must_boot() ? magic__boot_alloc(size, 0) : magic__next.malloc(size);
}

static void *boot_calloc(size_t n, size_t size)
{
    size_t total;
    if (!must_boot())
        return magic__next.calloc(n, size);
    if (!__builtin_mul_overflow(n, size, &total))
        return magic__boot_alloc(total, 0);
    errno = ENOMEM;
    return NULL;
}

static void *boot_realloc(void *p, size_t size)
{
    if (!must_boot())
        return magic__next.realloc(p, size);
    errno = ENOMEM;
    return NULL;
}

static void boot_free(void *p)
{
    /* No block can be freed before one was allocated: what is lost here is nothing. */
    if (!must_boot())
        magic__next.free(p);
}

static int boot_posix_memalign(void **ret, size_t align, size_t size)
{
    if (!must_boot())
        return magic__next.posix_memalign(ret, align, size);
    *ret = magic__boot_alloc(size, align);
    return *ret ? 0 : ENOMEM;
}

static size_t boot_usable(void *p)
{
    return must_boot() ? 0 : magic__next.usable(p);
}

struct magic__next magic__next = {
    boot_malloc, boot_calloc, boot_realloc, boot_free, boot_posix_memalign, boot_usable,
};

void *magic__wrap_preloaded(const char *name, const void *wrapper)
{
    void *entry = NULL;
    Dl_info info;
    void *first = dlsym(RTLD_DEFAULT, name);
    if (!first || first == wrapper)
        return NULL;
    /* A program that is not position-independent has a stub of its own for a function whose
     * address it takes; behind it are the wrappers. */
    if (!dladdr1(first, &info, &entry, RTLD_DL_SYMENT) || !entry)
        return NULL;
    return ((const ElfW(Sym) *)entry)->st_shndx == SHN_UNDEF ? NULL : first;
}

static void *find(const char *name, const void *wrapper)
{
    void *preloaded = magic__wrap_preloaded(name, wrapper);
    return preloaded ? preloaded : dlsym(RTLD_NEXT, name);
}

static void resolve(void)
{
    int saved = errno;
    __atomic_store_n(&resolving, 1, __ATOMIC_RELEASE);
    struct magic__next next = {
        .malloc = (void *(*)(size_t))find("malloc", (void *)magic__malloc),
        .calloc = (void *(*)(size_t, size_t))find("calloc", (void *)magic__calloc),
        .realloc = (void *(*)(void *, size_t))find("realloc", (void *)magic__realloc),
        .free = (void (*)(void *))find("free", (void *)magic__free),
        .posix_memalign = (int (*)(void **, size_t, size_t))find("posix_memalign",
            (void *)magic__posix_memalign),
        .usable = (size_t (*)(void *))find("malloc_usable_size", NULL),
    };
    errno = saved;
    if (next.malloc && next.calloc && next.realloc && next.free && next.posix_memalign &&
        next.usable) {
        magic__next = next;
        __atomic_store_n(&resolved, 1, __ATOMIC_RELEASE);
    }
    __atomic_store_n(&resolving, 0, __ATOMIC_RELEASE);
}

__attribute__((constructor)) static void resolve_early(void)
{
    /* So that no thread meets the start-up arena later. */
    (void)must_boot();
}
