/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens to an entry that is read or written, and how expired ones are found (version 1).
 */
#include "store.h"

enum { SWEEP_BUCKETS = 64 };

static void note_read(struct server *s, struct entry *e)
{
    (void) s;
    e->hits++;
}

static void note_write(struct server *s, struct entry *e)
{
    (void) s;
    e->hits = 0;
}

static void ignore_entry(struct server *s, struct entry *e)
{
    (void) s, (void) e;
}

struct store_hooks store_hooks = {
    .on_read = note_read,
    .on_write = note_write,
};

void store_track_hits(bool on)
{
    store_hooks.on_read = on ? note_read : ignore_entry;
    store_hooks.on_write = on ? note_write : ignore_entry;
}

/* The same number of buckets every time. */
static size_t sweep_fixed(struct server *s)
{
    return table_sweep(s->db, SWEEP_BUCKETS, entry_expired, s);
}

const struct expiry_policy default_expiry = {
    .name = "fixed",
    .sweep = sweep_fixed,
};
