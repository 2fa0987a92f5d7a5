/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A library to preload that stands in front of malloc and free and passes them on, as tracers do.
 */
#include <dlfcn.h>
#include <stddef.h>

void *malloc(size_t size);
void free(void *p);

static void *next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

void *malloc(size_t size)
{
    static void *(*real)(size_t);
    if (!real)
        *(void **)&real = next("malloc");
    return real(size);
}

void free(void *p)
{
    static void (*real)(void *);
    if (!real)
        *(void **)&real = next("free");
    real(p);
}
