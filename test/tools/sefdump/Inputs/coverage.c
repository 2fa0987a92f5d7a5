/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A program with a site of each sort, for the coverage suite. The pool is named on the command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct item {
    struct item *next;
    long value;
};

static struct item *items, *pooled[20];
static char *pool, *text;
static void *anything;

__attribute__((noinline)) void *pool_get(size_t size)
{
    static size_t used;
    void *p = pool + used;

    used += size;
    return p;
}

__attribute__((noinline)) static void *hidden(int kind)
{
    return kind ? malloc(sizeof(struct item)) : NULL;
}

static void build(void)
{
    void *(*volatile get)(int) = hidden;
    struct item *late = get(1);

    anything = malloc(100000);
    pool = malloc(65536);
    text = strdup("leaf");
    items = calloc(100, sizeof(*items));
    for (int i = 0; i < 20; i++)
        pooled[i] = pool_get(sizeof(struct item));
    late->next = items;
    items->next = late;
}

int main(void)
{
    char byte;

    build();
    puts("ready");
    fflush(stdout);
    return read(0, &byte, 1) > 0;
}
