/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What kvd-check asks, and what must come back.
 *
 * A workload appends requests together with the exact bytes of the replies that a correct server
 * gives. Each worker owns its keys, so that it knows their values whatever other workers do.
 */
#ifndef KVD_CHECK_WORKLOAD_H
#define KVD_CHECK_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "../src/buffer.h"

enum workload_kind {
    WORKLOAD_RANDOM, /**< mixed requests on own keys until told to finish */
    WORKLOAD_LOAD,   /**< SET of bulk keys 0 .. n_bulk - 1 */
    WORKLOAD_VERIFY, /**< GET of the same, with the values that LOAD wrote */
};

struct workload {
    enum workload_kind kind;
    const char *prefix; /**< of all keys of WORKLOAD_RANDOM */
    uint32_t n_keys;    /**< WORKLOAD_RANDOM: keys of each worker */
    uint64_t n_bulk;
    uint64_t next_bulk; /**< shared by the workers */
    bool finish;        /**< WORKLOAD_RANDOM: remove the keys and end */
};

/** What a key must hold. */
struct model {
    enum { MODEL_ABSENT, MODEL_NUMBER, MODEL_TEXT } kind;
    uint32_t version; /**< MODEL_TEXT: which text */
    int64_t number;   /**< MODEL_NUMBER */
};

struct worker {
    unsigned id;
    uint64_t random;    /**< generator state */
    struct model *keys; /**< workload's n_keys, owned */
    uint32_t cleaned;   /**< finishing: keys below are removed */
};

/** Returns false without memory. */
bool worker_init(struct worker *k, unsigned id, const struct workload *w);
void worker_deinit(struct worker *k);

/** Append the worker's next request and its reply. Returns false when there is none. */
bool workload_next(
    struct workload *w, struct worker *k, struct buffer *request, struct buffer *reply);

#endif
