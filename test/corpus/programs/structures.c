// SPDX-License-Identifier: BSD-2-Clause
// Linked structures of every usual kind keep their elements while they grow, shrink and are sorted.
#include "check.h"
#include <stddef.h>
#include <string.h>

struct link {
    struct link *next, **pprev;
};
struct tree {
    struct tree *child[2];
    unsigned key;
    struct link link;
    char name[];
};
#define OF_LINK(l) ((struct tree *) (void *) ((char *) (l) - offsetof(struct tree, link)))

static struct link *buckets[64];
static struct tree *root, **index_of;
static size_t n_trees;
static unsigned seed = 1;

static unsigned next_random(void)
{
    return seed = seed * 1103515245u + 12345u;
}
static void insert(unsigned key)
{
    char name[16];
    int length = sprintf(name, "%u", key);
    struct tree *t = malloc(sizeof(*t) + (size_t) length + 1), **where = &root;
    struct link **bucket = &buckets[key % 64];

    t->child[0] = t->child[1] = NULL;
    t->key = key;
    strcpy(t->name, name);
    while (*where)
        where = &(*where)->child[key > (*where)->key];
    *where = t;
    t->link = (struct link) { *bucket, bucket };
    if (*bucket)
        (*bucket)->pprev = &t->link.next;
    *bucket = &t->link;
    if ((n_trees & (n_trees - 1)) == 0)
        index_of = realloc(index_of, sizeof(struct tree * [n_trees ? 2 * n_trees : 1]));
    index_of[n_trees++] = t;
}
static void remove_from_bucket(struct tree *t)
{
    *t->link.pprev = t->link.next;
    if (t->link.next)
        t->link.next->pprev = t->link.pprev;
}
static unsigned walk(struct tree *t, unsigned last)
{
    if (!t)
        return last;
    last = walk(t->child[0], last);
    CHECK(t->key >= last && (unsigned) strtoul(t->name, NULL, 10) == t->key);
    return walk(t->child[1], t->key);
}
static int by_key(const void *a, const void *b)
{
    unsigned x = (*(struct tree *const *) a)->key, y = (*(struct tree *const *) b)->key;
    return (x > y) - (x < y);
}

int main(void)
{
    unsigned sum = 0, in_buckets = 0;

    for (int i = 0; i < 3000; i++)
        insert(next_random() >> 8);
    walk(root, 0);
    qsort(index_of, n_trees, sizeof(*index_of), by_key);
    for (size_t i = 0; i < n_trees; i += 2)
        remove_from_bucket(index_of[i]);
    for (int i = 0; i < 64; i++)
        for (struct link *l = buckets[i]; l; l = l->next, in_buckets++)
            sum += OF_LINK(l)->key;
    CHECK(in_buckets == n_trees / 2);
    for (size_t i = 0; i < n_trees; i++)
        free(index_of[i]);
    free(index_of);
    printf("ok %u\n", sum);
}
