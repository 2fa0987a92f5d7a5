/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keys with values and expiry times; see store.h.
 */
#include "store.h"

#include <stdlib.h>
#include <string.h>

/* Keys whose time was over. (conn.c has a variable of the same name.) */
static uint64_t dropped;

bool entry_expired(const struct entry *e, const void *ctx)
{
    const struct server *s = ctx;

    return e->expires_ms != 0 && e->expires_ms <= s->now_ms;
}

struct entry *store_peek(struct server *s, struct slice key)
{
    struct entry *e = table_find(s->db, key);

    if (e && entry_expired(e, s)) {
        table_remove(s->db, key);
        dropped++;
        return NULL;
    }
    return e;
}

struct entry *store_read(struct server *s, struct slice key)
{
    struct entry *e = store_peek(s, key);

    if (!e) {
        s->misses++;
        return NULL;
    }
    s->hits++;
    store_hooks.on_read(s, e);
    return e;
}

struct entry *store_write(struct server *s, struct slice key, struct slice value)
{
    char *copy = malloc(value.len + 1);

    if (!copy)
        return NULL;
    memcpy(copy, value.data, value.len);
    copy[value.len] = '\0';

    struct entry *e = table_find(s->db, key);
    if (!e)
        e = table_add(s->db, key);
    if (!e) {
        free(copy);
        return NULL;
    }
    free(e->value);
    e->value = copy;
    e->value_len = (uint32_t) value.len;
    e->expires_ms = 0;
    store_hooks.on_write(s, e);
    return e;
}

bool store_remove(struct server *s, struct slice key)
{
    return store_peek(s, key) && table_remove(s->db, key);
}

void store_sweep(struct server *s)
{
    dropped += s->expiry->sweep(s);
}

uint64_t store_expired(void)
{
    return dropped;
}
