/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What happens to an entry that is read or written, and how expired ones are found (version 2).
 *
 * note_read() and note_write() have learnt more and keep their names: whoever holds a pointer to
 * version 1's function continues with these. sweep_fixed() is gone; only the constant policy table
 * referred to it, and that is not state but comes with the code.
 */
#include "store.h"

enum {
    SWEEP_MIN = 64,
    SWEEP_MAX = 4096,
};

/* Buckets of the next sweep: more while sweeps find something. */
static size_t sweep_buckets = SWEEP_MIN;

static void note_read(struct server *s, struct entry *e)
{
    e->hits++;
    e->read_ms = s->now_ms;
}

static void ignore_entry(struct server *s, struct entry *e)
{
    (void) s, (void) e;
}

static void note_write(struct server *s, struct entry *e)
{
    (void) s;
    e->hits = 0;
    e->writes++;
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

static size_t sweep_adaptive(struct server *s)
{
    size_t n = table_sweep(s->db, sweep_buckets, entry_expired, s);

    if (n > sweep_buckets / 4 && sweep_buckets < SWEEP_MAX)
        sweep_buckets *= 2;
    else if (n == 0 && sweep_buckets > SWEEP_MIN)
        sweep_buckets /= 2;
    return n;
}

const struct expiry_policy default_expiry = {
    .name = "adaptive",
    .sweep = sweep_adaptive,
};
