/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A watched socket: a client's connection, or a listener (version 2).
 *
 * Since version 1: a client that does not read its replies is CONN_STALLED, connections count
 * bytes and have a name, `requests` is wider, the order has changed.
 */
#ifndef KVD_CONN_H
#define KVD_CONN_H

#include <stdint.h>

#include "buffer.h"

struct server;
struct conn;

enum conn_state {
    CONN_NEW,     /**< nothing was received yet */
    CONN_STALLED, /**< too much output waits; nothing is read until it is sent */
    CONN_OPEN,
    CONN_DRAINING, /**< closed when its output is sent */
};

/** Called when the socket is ready; `events` are EPOLL*. May free the connection. */
typedef void conn_ready_t(struct server *s, struct conn *c, uint32_t events);

struct conn {
    struct conn *next, *prev; /**< in the server's list */
    conn_ready_t *ready;
    uint64_t id;
    uint64_t requests;
    uint64_t bytes_in, bytes_out; /**< since version 2 came */
    int64_t active_ms;            /**< when last received from */
    struct buffer out, in;
    const char *last_command; /**< a literal from the command table */
    const char *transport;    /**< a literal: "tcp" or "unix" */
    char name[32];            /**< of CLIENT SETNAME; terminated */
    enum conn_state state;
    uint32_t interest; /**< EPOLL* events asked for */
    int fd;
};

#endif
