// SPDX-License-Identifier: BSD-2-Clause
// Rare C: old-style definitions, statement expressions, transparent unions, calls of main.
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

static struct {
    int first;
    struct {
        int inner;
    } second;
} anonymous = { 1, { 2 } };

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

static struct node *make(struct node *next, int n)
{
    struct node *p = malloc(sizeof(*p));

    *p = (struct node) { next, n };
    return p;
}

int main(int argc, char **argv)
{
    static int depth;
    struct node *list = ({
        struct node *p = make(NULL, 1);
        make(p, 2);
    });
    char *unused = malloc(1), *name = malloc(sizeof("name"));
    int n = list->n * 10 + list->next->n;

    if (++depth < 10)
        return main(argc, argv);
    CHECK(n == 21 && old_style(1, 2) == 3 && anonymous.second.inner == 2);
    CHECK(is_null((char *) NULL) && !is_null(list));
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
