// SPDX-License-Identifier: BSD-2-Clause
// Rare C: overloads, old-style definitions, statement expressions, transparent unions, calls of main.
#include "check.h"
#include <string.h>

struct node {
    struct node *next;
    int n;
};
typedef union {
    struct node *node;
    char *text;
} any __attribute__((transparent_union));

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
static int old_style(a, b)
int a;
char b;
{
    return a + b;
}
static int is_null(any a)
{
    return a.node == NULL;
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
static struct {
    int first;
    struct {
        int inner;
    } second;
} anonymous = { 1, { 2 } };
static int (*(*table[2])(int) )(int);
static int plus(int n)
{
    return n + 1;
}
static int (*chooser(int n))(int)
{
    return n ? plus : pure;
}

int main(int argc, char **argv)
{
    static int depth;
    struct node *list = ({
        struct node *p = make(1);
        make(p, 2);
    });
    int *cells = unoptimised(10 * sizeof(*cells)), n = 0;
    char *unused = cold(1), *name = malloc(sizeof("name"));

    if (++depth < 10)
        return main(argc, argv);
    table[0] = table[1] = chooser;
    for (struct node *p = list; p; p = p->next)
        n = n * 10 + p->n;
    CHECK(n == 21 && measure(5) + measure("five") == 9 && old_style(1, 2) == 3);
    CHECK(is_null((char *) NULL) && !is_null(list) && !cells[9] && twice() == 2);
    CHECK(table[1](1)(4) == 5 && table[0](0)(4) == 16 && anonymous.second.inner == 2);
    memcpy(name, "name", sizeof("name"));
    CHECK(!strcmp(name ?: unused, "name"));
    switch (n) {
    case 0 ... 20:
        return 1;
    case 21 ... 30:
        break;
    default:
        return 2;
    }
    printf("ok %d\n", depth);
    return 0;
}
