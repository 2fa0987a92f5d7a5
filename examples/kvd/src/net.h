/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sockets: listeners, and the list of clients' connections (struct conn is the version's).
 *
 * The kernel holds a pointer to each connection in the epoll set; it comes back with every event.
 */
#ifndef KVD_NET_H
#define KVD_NET_H

#include "options.h"
#include "server.h"

/** Open the sockets asked for and watch them; print where the server listens.
 * Errors: an errno value, after a message; what was opened stays in `s` for net_deinit(). */
int net_init(struct server *s, const struct options *o);
/** Close all connections, without sending what waits, and all listeners. */
void net_deinit(struct server *s);

/** Watch `fd`. Takes ownership of it. Returns NULL without memory; `fd` is closed then. */
struct conn *conn_create(struct server *s, int fd, const char *transport, conn_ready_t *ready);
/** Close and free. */
void conn_destroy(struct server *s, struct conn *c);
/** Add a client to the server's list, or remove it. */
void conn_link(struct server *s, struct conn *c);
void conn_unlink(struct server *s, struct conn *c);
/** Connections closed because of an error, not by the client's wish. */
uint64_t conn_dropped(void);

/** A client's socket is ready: read, run requests, send replies. */
conn_ready_t client_ready;

#endif
