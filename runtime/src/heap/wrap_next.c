/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which allocator stands behind the wrappers.
 *
 * Normally it is the next one in symbol search order. A preloaded allocator stands in front of
 * libmagicrt instead; then the calls have to be led here (wrap_rebind.c) and go on to it. What is
 * preloaded may also be a tracer, which only passes calls on, and so to the wrappers: to go on to
 * it would be to run in a circle. One allocation tells the two apart.
 */
#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
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
    boot_malloc,
    boot_calloc,
    boot_realloc,
    boot_free,
    boot_posix_memalign,
    boot_usable,
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
    return ((const ElfW(Sym) *) entry)->st_shndx == SHN_UNDEF ? NULL : first;
}

/* Volatile, because the compiler takes functions of two names for two functions. */
static void *(*volatile const first_malloc)(size_t) = malloc;
static void (*volatile const first_free)(void *) = free;

int magic__wrap_is_first(void)
{
    return first_malloc == magic__malloc && first_free == magic__free;
}

static int allocator_ahead;

/* The family as it follows in search order, or as it is seen by the program (`ahead`). */
static struct magic__next family(int ahead)
{
    static const char *const names[] = {
        "malloc",
        "calloc",
        "realloc",
        "free",
        "posix_memalign",
        "malloc_usable_size",
    };
    const void *const wrappers[] = {
        (const void *) magic__malloc,
        (const void *) magic__calloc,
        (const void *) magic__realloc,
        (const void *) magic__free,
        (const void *) magic__posix_memalign,
        NULL,
    };
    void *found[6];
    for (int i = 0; i < 6; i++) {
        found[i] = ahead ? magic__wrap_preloaded(names[i], wrappers[i]) : NULL;
        if (!found[i])
            found[i] = dlsym(RTLD_NEXT, names[i]);
    }
    return (struct magic__next) {
        .malloc = (void *(*) (size_t) ) found[0],
        .calloc = (void *(*) (size_t, size_t) ) found[1],
        .realloc = (void *(*) (void *, size_t) ) found[2],
        .free = (void (*)(void *)) found[3],
        .posix_memalign = (int (*)(void **, size_t, size_t)) found[4],
        .usable = (size_t (*)(void *)) found[5],
    };
}

static void *(*behind_malloc)(size_t);
static int came_back;

static void *probe_malloc(size_t size)
{
    came_back = 1;
    return behind_malloc(size);
}

/* Does the preloaded malloc serve a call by itself? The wrappers work meanwhile, over what is
 * behind them. */
static int serves_by_itself(const struct magic__next *ahead)
{
    enum { PROBE = 1000 };
    behind_malloc = magic__next.malloc;
    magic__next.malloc = probe_malloc;
    ahead->free(ahead->malloc(PROBE));
    magic__next.malloc = behind_malloc;
    return !came_back;
}

static void resolve(void)
{
    int saved = errno;
    __atomic_store_n(&resolving, 1, __ATOMIC_RELEASE);
    magic__wrap_clear_prepare();
    struct magic__next behind = family(0);
    struct magic__next ahead = magic__wrap_is_first() ? behind : family(1);
    if (behind.malloc && behind.calloc && behind.realloc && behind.free && behind.posix_memalign &&
        behind.usable) {
        magic__next = behind;
        __atomic_store_n(&resolved, 1, __ATOMIC_RELEASE);
        if (ahead.malloc != behind.malloc && serves_by_itself(&ahead)) {
            magic__next = ahead;
            allocator_ahead = 1;
        }
    }
    __atomic_store_n(&resolving, 0, __ATOMIC_RELEASE);
    errno = saved;
}

int magic__wrap_allocator_ahead(void)
{
    return !must_boot() && allocator_ahead;
}

__attribute__((constructor)) static void resolve_early(void)
{
    /* So that no thread meets the start-up arena later. */
    (void) must_boot();
}

int magic__heap_is_libc(void)
{
    Dl_info allocator, libc;
    return dladdr((const void *) magic__next.malloc, &allocator) &&
           dladdr((const void *) gnu_get_libc_version, &libc) &&
           allocator.dli_fbase == libc.dli_fbase;
}
