// SPDX-License-Identifier: BSD-2-Clause
// Calls in tail position, those the compiler must turn into jumps too, allocate as others do.
#include "check.h"
#include <string.h>

struct list {
    struct list *next;
    unsigned n;
};
#define MUST_TAIL __attribute__((musttail))

static int frees;
__attribute__((noinline)) static void *plain(size_t n)
{
    return malloc(n);
}
__attribute__((noinline)) static void *must(size_t n)
{
    MUST_TAIL return malloc(n);
}
__attribute__((noinline)) static void *must_wrapper(size_t n)
{
    MUST_TAIL return must(n);
}
__attribute__((noinline)) static void *must_resize(void *p, size_t n)
{
    MUST_TAIL return realloc(p, n);
}
__attribute__((noinline)) static void must_free(void *p)
{
    frees++;
    MUST_TAIL return free(p);
}
static unsigned odd(struct list *l, unsigned n);
static unsigned even(struct list *l, unsigned n)
{
    if (!n)
        return l->n;
    l->n += n;
    MUST_TAIL return odd(l, n - 1);
}
static unsigned odd(struct list *l, unsigned n)
{
    struct list *next = plain(sizeof(*next));

    if (!n)
        return l->n + 1;
    *next = (struct list) { NULL, l->n ^ n };
    free(l);
    MUST_TAIL return even(next, n - 1);
}

int main(void)
{
    struct list *l = must_wrapper(sizeof(*l)), *t = must(sizeof(*t));
    char *text = plain(5);

    strcpy(text, "tail");
    text = must_resize(text, 5000);
    CHECK(!strcmp(text, "tail"));
    must_free(text);
    *t = (struct list) { l, 9 };
    CHECK(t->next == l);
    must_free(t);
    l->n = 0;
    CHECK(frees == 2);
    printf("ok %u\n", even(l, 100000));
}
