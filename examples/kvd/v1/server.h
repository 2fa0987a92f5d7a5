/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The server's state (version 1).
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
    int epoll_fd;
    struct conn *listeners[LISTEN_COUNT]; /**< NULL: not asked for */
    struct conn *conns;                   /**< clients, newest first */
    uint32_t n_conns;
    struct table *db;
    const struct command *commands; /**< ends with a row without name */
    const struct expiry_policy *expiry;
    int64_t started_ms;
    int64_t now_ms; /**< clock of this turn of the loop; never 0 */
    uint64_t n_commands;
    uint32_t hits, misses; /**< reads of keys that were there, or not */
};

extern struct server kvd;

#endif
