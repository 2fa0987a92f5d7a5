/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Allocation sites set by hand, as the pass does around a call.
 */
#ifndef HEAP_SITES_H
#define HEAP_SITES_H

#include "heap/heap.h"

extern __thread struct magic_site_rec *__magic_site;

/* Evaluate a call at a site. */
#define AT(site, call) __extension__ ({ \
    __magic_site = &(site); \
    __typeof__(call) at_result = (call); \
    __magic_site = NULL; \
    at_result; \
})

/* A site's type is any address relative to its field: the wrappers only carry it along. */
#define SITE(size, flag) { .type = 4, .elem_size = (size), .flags = (flag) }

/* The kind of the object that starts at p; 0 if there is none. `size` gets its size. */
static inline uint32_t kind_at(const void *p, size_t *size)
{
    struct magic__object object;
    if (!magic__heap_find((uintptr_t)p, &object) || object.addr != (uintptr_t)p)
        return 0;
    *size = object.size;
    return object.kind;
}

/* True if an object of `size` bytes of the site's kind is recorded at p. */
static inline int recorded(const void *p, size_t size, struct magic_site_rec *site)
{
    size_t got = 0;
    uint32_t kind = kind_at(p, &got);
    return kind != 0 && kind == magic__kind_of_site(site) && got == size;
}

/* True if nothing is recorded at p. */
static inline int unrecorded(const void *p)
{
    struct magic__object object;
    return !magic__heap_find((uintptr_t)p, &object);
}

#endif
