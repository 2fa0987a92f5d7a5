/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The hash table; see table.h.
 */
#include "table.h"

#include <stdlib.h>
#include <string.h>

enum {
    TABLE_MIN = 16, /* buckets of a new table */
    TABLE_STEP = 4, /* buckets moved by each access while growing */
};

/* FNV-1a over the seed and the key, folded to 32 bits. */
static uint32_t hash_key(uint64_t seed, struct slice key)
{
    uint64_t h = 0xcbf29ce484222325u ^ seed;

    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char) key.data[i]) * 0x100000001b3u;
    return (uint32_t) (h ^ h >> 32);
}

static bool buckets_init(struct buckets *b, size_t size)
{
    b->heads = calloc(size, sizeof(*b->heads));
    b->size = b->heads ? size : 0;
    return b->heads != NULL;
}

static void entry_destroy(struct entry *e)
{
    free(e->key);
    free(e->value);
    free(e);
}

static struct entry *entry_create(struct slice key, uint32_t hash)
{
    struct entry *e = calloc(1, sizeof(*e));

    if (!e)
        return NULL;
    e->key = malloc(key.len + 1);
    if (!e->key) {
        free(e);
        return NULL;
    }
    memcpy(e->key, key.data, key.len);
    e->key[key.len] = '\0';
    e->key_len = (uint32_t) key.len;
    e->hash = hash;
    return e;
}

struct table *table_create(uint64_t seed)
{
    struct table *t = calloc(1, sizeof(*t));

    if (t && !buckets_init(&t->main, TABLE_MIN)) {
        free(t);
        return NULL;
    }
    if (t)
        t->seed = seed;
    return t;
}

void table_destroy(struct table *t)
{
    if (!t)
        return;
    table_clear(t);
    free(t->main.heads);
    free(t);
}

/* Move all entries of one bucket of `main` to `next`. */
static void move_bucket(struct table *t)
{
    struct entry *e = t->main.heads[t->moved];

    t->main.heads[t->moved++] = NULL;
    while (e) {
        struct entry *rest = e->next;
        struct entry **head = &t->next.heads[e->hash & (t->next.size - 1)];
        e->next = *head;
        *head = e;
        e = rest;
    }
}

/* Begin or continue to grow. Without memory the table works on with longer chains. */
static void grow_some(struct table *t)
{
    if (t->next.size == 0) {
        if (t->count < t->main.size || !buckets_init(&t->next, t->main.size * 2))
            return;
        t->moved = 0;
    }
    for (int i = 0; i < TABLE_STEP && t->moved < t->main.size; i++)
        move_bucket(t);
    if (t->moved == t->main.size) {
        free(t->main.heads);
        t->main = t->next;
        t->next = (struct buckets) { 0 };
        t->moved = 0;
    }
}

/* The chain in which a hash is, or would be added. */
static struct entry **chain_of(struct table *t, uint32_t hash)
{
    size_t index = hash & (t->main.size - 1);

    if (t->next.size > 0 && index < t->moved)
        return &t->next.heads[hash & (t->next.size - 1)];
    return &t->main.heads[index];
}

/* The link that points to a key's entry, or the null link at the end of its chain. */
static struct entry **link_of(struct table *t, struct slice key, uint32_t hash)
{
    struct entry **link = chain_of(t, hash);

    for (; *link; link = &(*link)->next) {
        const struct entry *e = *link;
        if (e->hash == hash && e->key_len == key.len && memcmp(e->key, key.data, key.len) == 0)
            break;
    }
    return link;
}

struct entry *table_find(struct table *t, struct slice key)
{
    if (t->next.size > 0)
        grow_some(t);
    return *link_of(t, key, hash_key(t->seed, key));
}

struct entry *table_add(struct table *t, struct slice key)
{
    struct entry *e = entry_create(key, hash_key(t->seed, key));

    if (!e)
        return NULL;
    grow_some(t);
    struct entry **head = chain_of(t, e->hash);
    e->next = *head;
    *head = e;
    t->count++;
    return e;
}

static void unlink_entry(struct table *t, struct entry **link)
{
    struct entry *e = *link;

    *link = e->next;
    entry_destroy(e);
    t->count--;
}

bool table_remove(struct table *t, struct slice key)
{
    struct entry **link = link_of(t, key, hash_key(t->seed, key));

    if (!*link)
        return false;
    unlink_entry(t, link);
    return true;
}

static void clear_buckets(struct table *t, struct buckets *b)
{
    for (size_t i = 0; i < b->size; i++)
        while (b->heads[i])
            unlink_entry(t, &b->heads[i]);
}

void table_clear(struct table *t)
{
    clear_buckets(t, &t->main);
    clear_buckets(t, &t->next);
    free(t->next.heads);
    t->next = (struct buckets) { 0 };
    t->moved = 0;
    t->sweep_at = 0;
}

size_t table_sweep(struct table *t, size_t n_buckets,
    bool (*drop)(const struct entry *e, const void *ctx), const void *ctx)
{
    size_t before = t->count;

    for (; n_buckets > 0; n_buckets--) {
        struct entry **link = &t->main.heads[t->sweep_at++ & (t->main.size - 1)];
        while (*link) {
            if (drop(*link, ctx))
                unlink_entry(t, link);
            else
                link = &(*link)->next;
        }
    }
    return before - t->count;
}
