/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The hash table: chained, grown a few buckets at a time so that no request waits for a rehash.
 *
 * While it grows, entries are in two bucket arrays: buckets below `moved` have left the first.
 * The table owns its entries with their keys and values; struct entry is the version's.
 */
#ifndef KVD_TABLE_H
#define KVD_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry.h"
#include "resp.h"

struct buckets {
    struct entry **heads; /**< `size` chains; NULL while size is 0 */
    size_t size;          /**< a power of two */
};

struct table {
    struct buckets main;
    struct buckets next; /**< size 0 unless growing */
    size_t moved;        /**< growing: buckets of `main` already moved to `next` */
    size_t count;        /**< entries in both */
    size_t sweep_at;     /**< where table_sweep() goes on */
    uint64_t seed;       /**< of the hash function */
};

/** A new, empty table, or NULL without memory. */
struct table *table_create(uint64_t seed);
/** Free a table with all its entries. NULL is allowed. */
void table_destroy(struct table *t);

/** The entry of a key, or NULL. */
struct entry *table_find(struct table *t, struct slice key);
/** Add an entry for a key that is not in the table; the key is copied, other members are zero.
 * Returns NULL without memory. */
struct entry *table_add(struct table *t, struct slice key);
/** Remove and free an entry. Returns false if there is none. */
bool table_remove(struct table *t, struct slice key);
/** Remove and free all entries. */
void table_clear(struct table *t);

/** Visit the next `n_buckets` buckets of `main` round robin; remove entries for which `drop` says
 * so. Returns the number removed. */
size_t table_sweep(struct table *t, size_t n_buckets,
    bool (*drop)(const struct entry *e, const void *ctx), const void *ctx);

#endif
