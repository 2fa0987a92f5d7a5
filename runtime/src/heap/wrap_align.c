/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The aligned allocation functions, all made of the wrapped allocator's posix_memalign.
 *
 * Where an argument is out of the standard's bounds they do as glibc 2.36: aligned_alloc and
 * memalign round an odd alignment up, aligned_alloc takes any size.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

#define EXPORT(name)                      \
    extern __typeof__(magic__##name) name \
        __attribute__((alias("magic__" #name), visibility("default")))

int magic__posix_memalign(void **ret, size_t align, size_t size)
{
    magic__wrap_depth++;
    uint32_t kind = magic__wrap_kind(size);
    int result = magic__next.posix_memalign(ret, align, kind ? magic__wrap_room(size) : size);
    if (result == 0)
        magic__wrap_clear(*ret, magic__next.usable(*ret));
    if (result == 0 && kind)
        magic__wrap_record(*ret, size, kind);
    magic__wrap_depth--;
    return result;
}

void *magic__memalign(size_t align, size_t size)
{
    void *p = NULL;
    size_t power = sizeof(void *);
    while (power < align && power)
        power *= 2;
    int result = power ? magic__posix_memalign(&p, power, size) : EINVAL;
    if (result != 0)
        errno = result;
    return p;
}

void *magic__aligned_alloc(size_t align, size_t size)
{
    return magic__memalign(align, size);
}

void *magic__valloc(size_t size)
{
    return magic__memalign((size_t) sysconf(_SC_PAGESIZE), size);
}

void *magic__pvalloc(size_t size)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    if (size > SIZE_MAX - page) {
        errno = ENOMEM;
        return NULL;
    }
    return magic__memalign(page, (size + page - 1) / page * page);
}

EXPORT(posix_memalign);
EXPORT(aligned_alloc);
EXPORT(memalign);
EXPORT(valloc);
EXPORT(pvalloc);
