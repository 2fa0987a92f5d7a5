/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One connection to the control socket: takes one request, gives one or several replies, closes.
 *
 * A client may vanish at any time. An operation that answers later keeps a slot (a struct client
 * pointer) that is cleared when that happens.
 */
#ifndef SEFD_CLIENT_H
#define SEFD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <jansson.h>

struct client;
struct daemon;

/** Serve a connection. Takes `fd` over, also on failure. Returns 0 or a negative errno value. `ret` may be
 * NULL. */
__attribute__((warn_unused_result)) int client_create(
    struct daemon *daemon, int fd, const struct ucred *peer, struct client **ret);

/** Its socket. */
int client_fd(const struct client *client);

/** Who connected. */
const struct ucred *client_peer(const struct client *client);

/** The file that came with its request, or -1. It stays the client's. */
int client_file(const struct client *client);

/** Close the connection and clear the slot that refers to it. */
void client_destroy(struct client *client);

/** Whether the peer is the user that the daemon runs as. */
bool client_is_own_user(const struct client *client);

/** Tie a client to the operation that will answer it. Only once a client; NULL if nobody waits. */
void client_bind(struct client *client, struct client **slot);

/** A reply object: 0 or an error number, and a text. NULL when memory is out. The caller owns
 * it. */
json_t *client_reply_new(int result, const char *text);

/** Send an interim reply, if the client is still there. Takes `reply` over; NULL is skipped. */
void client_progress(struct client *client, json_t *reply);

/** Send the final reply to the client of a slot, if it is still there, and release the slot. Takes
 * `reply` over; without one the connection just closes. */
void client_finish(struct client **slot, json_t *reply);

/** Answer a client that is not bound, unless it is NULL, with an error and a text. */
void client_refuse(struct client *client, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** Which clients are counted, or dropped. */
enum clients_of {
    CLIENTS_ALL,
    CLIENTS_GUESTS, /**< of users who are not masters (access.h) */
    CLIENTS_USER,   /**< of one user */
};

/** How many clients a list has. */
size_t clients_count(const struct client *list, enum clients_of which, uid_t uid);

/** Whether a list has a client that is about to ask, or has not read its answer. */
bool clients_wait(const struct client *list);

/** Drop the oldest client of a list that has not stated its request. False if there is none. */
bool clients_evict(struct client *list, enum clients_of which, uid_t uid);

#endif
