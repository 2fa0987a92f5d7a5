// SPDX-License-Identifier: BSD-2-Clause
// Symbols with any character in their names, and variables of one name in many scopes, stay apart.
#include "check.h"
#include <string.h>

struct s {
    struct s *self;
};
int \u00e9t\u00e9 = 3;
static int $dollar$ = 4;
int dotted __asm__("a.b.c") = 5;
int spaced __asm__("with space") = 6;
int quoted __asm__("quo\"te") = 7;
static int signs __asm__("x-y+z") = 8;
static __thread int thread_local_one __asm__("thread local") = 9;
void *allocate(size_t) __asm__("all oc");
void *allocate(size_t n)
{
    return malloc(n);
}

static inline int in_inline(void)
{
    static int count;
    return ++count;
}
static int in_scopes(int first)
{
    if (first) {
        static struct {
            int a;
        } count = { 10 };
        return ++count.a;
    } else {
        static struct {
            long b;
            char *text;
        } count = { 20, "text" };
        return (int) ++count.b;
    }
}
static int in_loop(int n)
{
    int sum = 0;

    for (int i = 0; i < n; i++) {
        static char *count;
        struct local {
            struct local *self;
            int v[3];
        } *l = malloc(sizeof(*l));
        int(*matrix)[n] = calloc((size_t) n, sizeof(*matrix));

        *l = (struct local) { l, { i, i, i } };
        count = realloc(count, (size_t) i + 1);
        count[i] = (char) i;
        matrix[n - 1][n - 1] = count[i];
        sum += l->self->v[2] + matrix[n - 1][n - 1];
        free(matrix);
        free(l);
    }
    return sum;
}

int main(void)
{
    struct s *s = allocate(sizeof(*s));

    s->self = s;
    in_inline();
    CHECK(in_inline() == 2 && in_scopes(1) == 11 && in_scopes(0) == 21 && in_scopes(1) == 12);
    CHECK(s->self == s && in_loop(10) == 90);
    \u00e9t\u00e9 += $dollar$++ + dotted++ + spaced++ + quoted++ + signs++ + thread_local_one++;
    CHECK(\u00e9t\u00e9 == 42 && signs == 9 && thread_local_one == 10);
    free(s);
    puts("ok");
}
