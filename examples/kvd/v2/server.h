/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The server's state (version 2).
 *
 * Since version 1: hits and misses are wider, stalls and bytes are counted, the order has changed.
 */
#ifndef KVD_SERVER_H
#define KVD_SERVER_H

#include <stdint.h>

#include "conn.h"

struct command;
struct expiry_policy;
struct table;

enum { LISTEN_TCP, LISTEN_UNIX, LISTEN_COUNT };

struct server {
    int64_t now_ms; /**< clock of this turn of the loop; never 0 */
    int64_t started_ms;
    uint64_t hits, misses; /**< reads of keys that were there, or not */
    uint64_t n_commands;
    uint64_t bytes_in, bytes_out; /**< since version 2 came */
    uint32_t n_stalls;            /**< times a client did not read its replies */
    uint32_t n_conns;
    struct conn *conns; /**< clients, newest first */
    struct table *db;
    const struct expiry_policy *expiry;
    const struct command *commands;       /**< ends with a row without name */
    struct conn *listeners[LISTEN_COUNT]; /**< NULL: not asked for */
    int epoll_fd;
};

extern struct server kvd;

#endif
