// SPDX-License-Identifier: BSD-2-Clause
// Every allocation function gives memory of the size, alignment and content that it promises.
#include "check.h"
#include <malloc.h>
#include <stdint.h>
#include <string.h>

struct item {
    struct item *next;
    int value;
};

static int all_are(const unsigned char *p, size_t n, unsigned char byte)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != byte)
            return 0;
    return 1;
}

static void check_realloc(void)
{
    struct item *a = realloc(NULL, 3 * sizeof(*a));

    for (int i = 0; i < 3; i++)
        a[i] = (struct item) { i ? &a[i - 1] : NULL, i };
    for (size_t n = 3; n < 5000; n = n * 3 / 2) {
        a = reallocarray(a, n * 3 / 2, sizeof(*a));
        for (size_t i = n; i < n * 3 / 2; i++)
            a[i].value = (int) i;
    }
    for (int i = 0; i < 5000; i++)
        CHECK(a[i].value == i);
    a = realloc(a, sizeof(*a));
    CHECK(a->value == 0 && !a->next);
    free(a);
}

static void check_aligned(size_t alignment)
{
    void *p = NULL;
    struct item *a = aligned_alloc(alignment, alignment * 3), *b = memalign(alignment, sizeof(*b));

    CHECK(posix_memalign(&p, alignment, 100) == 0);
    CHECK((uintptr_t) p % alignment == 0 && (uintptr_t) a % alignment == 0);
    CHECK((uintptr_t) b % alignment == 0);
    memset(p, 1, 100);
    p = realloc(p, 1000);
    CHECK(all_are(p, 100, 1));
    free(p);
    free(a);
    free(b);
}

int main(void)
{
    for (size_t n = 1; n < 300000; n = n * 5 / 3 + 1) {
        unsigned char *c = calloc(n, 3), *m = malloc(n);

        CHECK(all_are(c, 3 * n, 0));
        CHECK(malloc_usable_size(m) >= n && (uintptr_t) m % 16 == 0);
        memset(m, 0xff, malloc_usable_size(m));
        memset(c, 0xee, malloc_usable_size(c));
        CHECK(all_are(m, n, 0xff));
        free(m);
        free(c);
    }
    check_realloc();
    for (size_t alignment = 16; alignment <= 65536; alignment *= 2)
        check_aligned(alignment);
    free(valloc(10));
    free(pvalloc(10));
    free(malloc(0));
    free(NULL);
    puts("ok");
}
