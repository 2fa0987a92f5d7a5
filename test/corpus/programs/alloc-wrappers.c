// SPDX-License-Identifier: BSD-2-Clause
// Wrappers of allocation functions return what they wrap, whichever way they are called.
#include "check.h"
#include <stdarg.h>
#include <string.h>

struct pair {
    char *name;
    struct pair *other;
};
typedef void *allocator(size_t);

static int calls;
static void *counted(size_t n)
{
    calls++;
    return malloc(n);
}
static inline void *zeroed(size_t n)
{
    return memset(counted(n), 0, n);
}
__attribute__((noinline)) static void *deep(int depth, size_t n)
{
    return depth ? deep(depth - 1, n) : counted(n);
}
static void *headed(size_t n)
{
    size_t *p = counted(n + 2 * sizeof(*p));

    p[0] = n;
    return p + 2;
}
static void unheaded(void *p)
{
    free((size_t *) p - 2);
}
static char *formatted(const char *format, ...)
{
    va_list args, again;
    char *text;

    va_start(args, format);
    va_copy(again, args);
    text = counted((size_t) vsnprintf(NULL, 0, format, args) + 1);
    vsprintf(text, format, again);
    va_end(again);
    va_end(args);
    return text;
}
static allocator *const allocators[] = { counted, zeroed, malloc };
static int into(struct pair **ret, allocator *a)
{
    return (*ret = a(sizeof(**ret))) ? 0 : -1;
}
static struct pair by_value(void)
{
    return (struct pair) { strdup("value"), counted(16) };
}

int main(void)
{
    struct pair *p, v = by_value();
    unsigned char *h = headed(100);
    char *t = formatted("%s-%d-%g", "a", 5, 2.5);

    memset(h, 7, 100);
    CHECK(((size_t *) (void *) h)[-2] == 100);
    unheaded(h);
    CHECK(!strcmp(t, "a-5-2.5") && !strcmp(v.name, "value"));
    free(t);
    free(v.name);
    free(v.other);
    for (size_t i = 0; i < sizeof(allocators) / sizeof(*allocators); i++) {
        CHECK(into(&p, allocators[i]) == 0);
        p->other = p;
        CHECK(p->other == p);
        free(p);
    }
    p = zeroed(sizeof(*p));
    CHECK(!p->name && !p->other);
    free(p);
    p = deep(10, sizeof(*p));
    p->name = "deep";
    CHECK(allocators[2] == malloc && calls == 7);
    free(p);
    printf("ok %d\n", calls);
}
