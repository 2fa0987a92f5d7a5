/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages that wait for a receiver: an endpoint's two queues, notifications and all others.
 */
#ifndef SEFD_IPC_QUEUE_H
#define SEFD_IPC_QUEUE_H

#include "ipc.h"

/** An entry for a request to send, or NULL. */
struct ipc_entry *ipc_entry_new(const struct service *from, const struct sef_ipc_packet *packet);
void ipc_entry_free(const struct service *service, struct ipc_entry *entry);

/** Whether the sender waits: no other kind of message counts against limits. */
bool ipc_entry_blocks(const struct ipc_entry *entry);

/** 0, or why one more message of `from` cannot be queued: EAGAIN, ENOBUFS. */
int ipc_queue_refuses(const struct ipc_port *port, int from);

/** Queue a new message to a service. A notification that is there already is freed. */
void ipc_queue_put(struct service *to, struct ipc_entry *entry);

/** Queue what was delivered and not taken, in front; free it if its sender has gone away from it. */
void ipc_queue_put_back(struct service *to, struct ipc_entry *entry);

/** Queue what an earlier daemon left, and know what was delivered. */
void ipc_queue_load(struct service *to);

/** Whether the message of a request to send waits for this service or was delivered to it. */
bool ipc_queue_has(const struct ipc_port *port, int source, uint64_t seq);

/** What a receive of `source` gets, or NULL; with `take` it is no longer in its queue. */
struct ipc_entry *ipc_queue_find(
    const struct daemon *daemon, struct ipc_port *port, int source, bool reply, bool take);

/** Take out the message whose sender waits in request `seq`. NULL if it is not there. */
struct ipc_entry *ipc_queue_take_sent(struct ipc_port *port, int source, uint64_t seq);

/** Take out any message, for the end of the endpoint. */
struct ipc_entry *ipc_queue_take_any(struct ipc_port *port);

/** The service that has an endpoint, if that is open, or NULL. */
struct service *ipc_find(const struct daemon *daemon, int endpoint);

#endif
