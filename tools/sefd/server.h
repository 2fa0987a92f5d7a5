/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The control socket: one daemon a socket, and who may connect.
 */
#ifndef SEFD_SERVER_H
#define SEFD_SERVER_H

#include <stddef.h>

struct client;
struct daemon;

enum {
    SERVER_CLIENTS_MAX = 64,
    SERVER_GUESTS_MAX = 48, /**< of them of users who are not masters (access.h) */
    SERVER_USER_MAX = 8,    /**< of one such user */
};

struct server;

/** Take the socket and listen. A socket that a dead daemon left is replaced; -EADDRINUSE when
 * another daemon serves it. Reasons are logged. */
__attribute__((warn_unused_result)) int server_create(struct daemon *daemon, struct server **ret);

/** The listening socket, and the lock beside it. */
int server_fd(const struct server *server);
int server_lock(const struct server *server);
/** Where it listens. */
const char *server_path(const struct server *server);

/** Close all connections and remove the socket. NULL is allowed. */
void server_destroy(struct server *server);

/** Accept no more connections; those that wait for a reply stay. */
void server_stop_listening(struct server *server);

/** The server's list of clients, for client.c alone: it enters and leaves by itself. */
struct client **server_clients(struct server *server);

#endif
