/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A key with its value (version 1).
 */
#ifndef KVD_ENTRY_H
#define KVD_ENTRY_H

#include <stdint.h>

struct entry {
    struct entry *next; /**< in the same bucket */
    char *key;          /**< owned, terminated by a zero byte that is not counted */
    char *value;        /**< likewise */
    uint32_t hash;
    uint32_t key_len;
    uint32_t value_len;
    uint32_t hits;      /**< reads by clients since it was written */
    int64_t expires_ms; /**< 0: never */
};

#endif
