// SPDX-License-Identifier: BSD-2-Clause
// Functions declared as allocators by attributes work, and so do the compiler's built-in names.
#include "check.h"
#include <stdint.h>
#include <string.h>

static unsigned char pool[4096] __attribute__((aligned(64)));
static size_t used;

__attribute__((malloc, alloc_size(1), noinline)) static void *take(size_t n)
{
    void *p = pool + used;

    used += (n + 15) & ~(size_t) 15;
    return p;
}
__attribute__((alloc_size(1, 2), returns_nonnull, noinline)) static void *take_array(
    size_t n, size_t size)
{
    return take(n * size);
}
__attribute__((alloc_align(1), alloc_size(2), noinline)) static void *take_aligned(
    size_t alignment, size_t n)
{
    used = (used + alignment - 1) & ~(alignment - 1);
    return take(n);
}
__attribute__((assume_aligned(32), noinline)) static void *take_32(size_t n)
{
    return take_aligned(32, n);
}

struct node {
    struct node *left, *right;
    long key;
};

int main(void)
{
    struct node *a = take(sizeof(*a)), *b = take_array(2, sizeof(*b));
    struct node *c = take_aligned(64, sizeof(*c)), *d = take_32(sizeof(*d));
    struct node *e = __builtin_malloc(sizeof(*e)), *f = __builtin_calloc(2, sizeof(*f));
    char *g = __builtin_strdup("builtin");

    *a = (struct node) { b, b + 1, 1 };
    b[0] = (struct node) { c, d, 2 };
    b[1] = (struct node) { 0, 0, 3 };
    *c = *d = b[1];
    *e = *a;
    CHECK(!f[1].left && !f[1].key && e->left->left == c && !strcmp(g, "builtin"));
    CHECK((uintptr_t) c % 64 == 0 && (uintptr_t) d % 32 == 0);
    CHECK(a->right->key == 3 && used < sizeof(pool));
    f = __builtin_realloc(f, 20 * sizeof(*f));
    CHECK(!f[1].key);
    free(e);
    free(f);
    __builtin_free(g);
    printf("ok %zu\n", used);
}
