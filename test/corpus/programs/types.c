// SPDX-License-Identifier: BSD-2-Clause
// Objects of every kind of type live on the heap and keep their values: bits, vectors, atomics.
#include "check.h"
#include <complex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef int vector __attribute__((vector_size(16)));
typedef unsigned _BitInt(37) odd_int;
enum __attribute__((packed)) color { RED, GREEN = 200 };
struct bits {
    unsigned a : 3;
    signed b : 5;
    bool c : 1;
    unsigned : 0;
    unsigned long d : 40;
};
struct __attribute__((packed)) packed {
    char c;
    long l;
    enum color color;
    void *p;
};
struct __attribute__((aligned(64))) aligned {
    vector v;
    long double ld;
    __int128 wide;
    double complex z;
    _Atomic(long) counter;
    odd_int odd;
};
struct flexible {
    struct flexible *self;
    union {
        int i;
        struct {
            short low, high;
        };
    };
    int n;
    struct bits items[];
};
struct empty {
};

int main(void)
{
    struct aligned *a = aligned_alloc(64, 2 * sizeof(*a));
    struct packed *p = malloc(3 * sizeof(*p));
    struct flexible *f = malloc(sizeof(*f) + 10 * sizeof(f->items[0]));
    struct empty *e = malloc(sizeof(*e));

    a[1] = (struct aligned) { { 1, 2, 3, 4 }, 1.25L, (__int128) 1 << 100, 1 + 2 * I, 5, 77 };
    a[1].v += (vector) { 10, 10, 10, 10 };
    atomic_fetch_add(&a[1].counter, 37);
    a[0] = a[1];
    CHECK(a->v[3] == 14 && a->ld == 1.25L && a->wide >> 98 == 4 && cimag(a->z) == 2);
    CHECK(a->counter == 42 && a->odd == 77 && offsetof(struct aligned, ld) == 16);
    p[2] = (struct packed) { 'c', 1L << 40, GREEN, &p[1].l };
    CHECK(sizeof(*p) == 18 && p[2].color == GREEN && p[2].p == (char *) p + 19);
    *f = (struct flexible) { .self = f, .i = 0x20001, .n = 10 };
    for (int i = 0; i < f->n; i++)
        f->items[i] = (struct bits) { (unsigned) i, i - 5, i & 1, 1UL << (30 + i) };
    f = realloc(f, sizeof(*f) + 1000 * sizeof(f->items[0]));
    f->self = f;
    for (int i = 0; i < f->n; i++)
        CHECK(f->items[i].a == (unsigned) i % 8 && f->items[i].b == i - 5 &&
              f->items[i].d == 1UL << (30 + i) && f->items[i].c == (i & 1));
    CHECK(
        f->low == 1 && f->high == 2 && _Generic(f->items[0].d + 0UL, unsigned long: 1, default: 0));
    free(a);
    free(p);
    free(f->self);
    free(e);
    puts("ok");
}
