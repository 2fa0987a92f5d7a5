// SPDX-License-Identifier: BSD-2-Clause
// A program with a malloc of its own uses that one, and the C library does too.
// FLAGS: -fno-builtin
#include "check.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static _Alignas(64) unsigned char heap[1 << 20];
static size_t top;
static int mallocs, frees;

void *malloc(size_t n)
{
    size_t *p = (size_t *) (void *) (heap + top);

    mallocs++;
    top += ((n + 15) & ~(size_t) 15) + 16;
    if (top > sizeof(heap))
        __builtin_trap();
    *p = n;
    return p + 2;
}
void free(void *p)
{
    frees += p != NULL;
}
void *calloc(size_t n, size_t size)
{
    return memset(malloc(n * size), 0, n * size);
}
void *realloc(void *p, size_t n)
{
    void *q = malloc(n);

    if (p)
        memcpy(q, p, ((size_t *) p)[-2] < n ? ((size_t *) p)[-2] : n);
    free(p);
    return q;
}
static int inside(const void *p)
{
    return (uintptr_t) p >= (uintptr_t) heap && (uintptr_t) p < (uintptr_t) heap + sizeof(heap);
}

int main(void)
{
    int before = mallocs;
    char *a = malloc(10), *b = strdup("text");

    CHECK(inside(a) && inside(b) && mallocs == before + 2);
    a = realloc(a, 100);
    CHECK(inside(a) && !strcmp(b, "text"));
    before = frees;
    free(a);
    free(b);
    CHECK(frees == before + 2);
    puts("ok");
}
