// SPDX-License-Identifier: BSD-2-Clause
// Functions with rare attributes, overloads, and functions that return functions, do what they say.
#include "check.h"
#include <string.h>

struct node {
    struct node *next;
    int n;
};

__attribute__((overloadable)) static int measure(int n)
{
    return n;
}

__attribute__((overloadable)) static int measure(const char *s)
{
    return (int) strlen(s);
}

__attribute__((overloadable, noinline)) static struct node *make(int n)
{
    struct node *p = malloc(sizeof(*p));

    *p = (struct node) { NULL, n };
    return p;
}

__attribute__((overloadable, noinline)) static struct node *make(struct node *next, int n)
{
    struct node *p = make(n);

    p->next = next;
    return p;
}

__attribute__((optnone, noinline)) static void *unoptimised(size_t n)
{
    return calloc(1, n);
}

__attribute__((noinline, cold)) static void *cold(size_t n)
{
    return malloc(n);
}

__attribute__((returns_twice, noinline)) static int twice(void)
{
    return 2;
}

__attribute__((const)) static int pure(int n)
{
    return n * n;
}

static int plus(int n)
{
    return n + 1;
}

static int (*chooser(int n))(int)
{
    return n ? plus : pure;
}

static int (*(*table[2])(int) )(int) = { chooser, chooser };

int main(void)
{
    struct node *list = make(make(1), 2);
    int *cells = unoptimised(10 * sizeof(*cells)), n = 0;
    char *small = cold(1);

    for (struct node *p = list; p; p = p->next)
        n = n * 10 + p->n;
    *small = 'x';
    CHECK(n == 21 && measure(5) + measure("five") == 9 && !cells[9] && twice() == 2);
    CHECK(table[1](1)(4) == 5 && table[0](0)(4) == 16 && *small == 'x');
    puts("ok");
}
