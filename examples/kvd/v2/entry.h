/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A key with its value (version 2).
 *
 * Since version 1: `hits` is wider, `read_ms` and `writes` are new, the order has changed.
 */
#ifndef KVD_ENTRY_H
#define KVD_ENTRY_H

#include <stdint.h>

struct entry {
    char *key; /**< owned, terminated by a zero byte that is not counted */
    uint32_t hash;
    uint32_t key_len;
    struct entry *next; /**< in the same bucket */
    int64_t expires_ms; /**< 0: never */
    int64_t read_ms;    /**< when last read; 0: not since version 2 came */
    uint64_t hits;      /**< reads by clients since it was written */
    uint32_t writes;    /**< since version 2 came */
    uint32_t value_len;
    char *value; /**< like key */
};

#endif
