/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A watched socket: a client's connection, or a listener (version 1).
 */
#ifndef KVD_CONN_H
#define KVD_CONN_H

#include <stdint.h>

#include "buffer.h"

struct server;
struct conn;

enum conn_state {
    CONN_NEW, /**< nothing was received yet */
    CONN_OPEN,
    CONN_DRAINING, /**< closed when its output is sent */
};

/** Called when the socket is ready; `events` are EPOLL*. May free the connection. */
typedef void conn_ready_t(struct server *s, struct conn *c, uint32_t events);

struct conn {
    int fd;
    enum conn_state state;
    struct conn *next, *prev; /**< in the server's list */
    conn_ready_t *ready;
    const char *transport;    /**< a literal: "tcp" or "unix" */
    const char *last_command; /**< a literal from the command table */
    struct buffer in, out;
    uint64_t id;
    int64_t active_ms; /**< when last received from */
    uint32_t interest; /**< EPOLL* events asked for */
    uint32_t requests;
};

#endif
