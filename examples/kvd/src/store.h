/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keys with values and expiry times: what the commands work on.
 *
 * A key past its time is gone for every function here, whether or not it was swept yet.
 */
#ifndef KVD_STORE_H
#define KVD_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "resp.h"
#include "server.h"
#include "table.h"

/** What is done with an entry that a client reads or writes. The table is writable: CONFIG SET
 * track-hits exchanges its functions while the server runs. */
struct store_hooks {
    void (*on_read)(struct server *s, struct entry *e);
    void (*on_write)(struct server *s, struct entry *e);
};
extern struct store_hooks store_hooks;

/** Count hits of entries, or do not. The functions are the version's (hooks.c). */
void store_track_hits(bool on);

/** How expired keys are found. Read-only; the server points to the one it uses. */
struct expiry_policy {
    const char *name;
    /** Remove some expired keys; called once a tick. Returns the number removed. */
    size_t (*sweep)(struct server *s);
};
extern const struct expiry_policy default_expiry;

/** Is the entry past its time? `ctx` is the server; fits table_sweep(). */
bool entry_expired(const struct entry *e, const void *ctx);

/** The entry of a key for a client that reads it (counted), or NULL. */
struct entry *store_read(struct server *s, struct slice key);
/** The entry of a key, without counting, or NULL. */
struct entry *store_peek(struct server *s, struct slice key);
/** Set a key's value and drop its expiry time. Returns the entry, NULL without memory. */
struct entry *store_write(struct server *s, struct slice key, struct slice value);
bool store_remove(struct server *s, struct slice key);
/** Remove some expired keys by the server's policy. */
void store_sweep(struct server *s);
/** Keys removed because their time was over. */
uint64_t store_expired(void);

#endif
