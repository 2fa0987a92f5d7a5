/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages between services: the daemon is the switch, and each endpoint's queue is here.
 *
 * Who sent a message is known by the socket it came on. A message leaves its queue when the receiver says that
 * it took it (sef/ipc_wire.h); until then it goes back to the front whenever the receiver asks anew. So neither
 * an update nor its rollback has to tell this part anything: a frozen instance does not ask, and whichever
 * instance asks next, on the same socket or on another, goes on where the last one stopped.
 */
#ifndef SEFD_IPC_H
#define SEFD_IPC_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <sef/ipc_wire.h>

#include "ipc_filter.h"
#include "ipc_store.h"

struct daemon;
struct service;

enum {
    IPC_QUEUE_MAX = 1024, /**< asynchronous messages that wait for one receiver */
    IPC_PAIR_MAX = 128,   /**< of those, of one sender */
    IPC_NOTES_MAX = 1024, /**< notifications that wait for one receiver, one a sender */
};

struct ipc_queue {
    struct ipc_entry *first, *last;
    unsigned n;
};

/** One endpoint; part of its service, for ipc*.c alone. */
struct ipc_port {
    bool open;                 /**< messages can be sent to it */
    struct ipc_record *record; /**< what it is doing; valid while it is open */
    struct ipc_queue messages, notes;
    struct ipc_entry *flight; /**< delivered and not yet taken; NULL: none */
    bool notice;              /**< wants to know when there is something */
    bool answer_owed;         /**< `answer` did not fit into the socket */
    struct sef_ipc_packet answer;
    const struct ipc_filter *filters;
};

/** Open the endpoint of a service: a new one, or one of an earlier daemon, with what waits for it. */
void ipc_open(struct service *service);

/** The endpoint is no more: who waits for it gets EDEADSRCDST, what waits in its queue is lost. What it sent
 * asynchronously stays. May be called again. */
void ipc_close(struct service *service);

/** The instance has crashed and another one will have its endpoint; if on a socket of its own, the old one must
 * have been closed. The queue stays. Who was in a call to it gets ERESTART: if the new instance has the old one's
 * state (`stateful`) only the one whose message came last. */
void ipc_restart(struct service *service, bool stateful);

/** A packet came from a service. Returns 0, or -EBADMSG: it makes no sense. */
__attribute__((warn_unused_result)) int ipc_packet(
    struct service *service, const struct sef_ipc_packet *packet);

/** Read what an instance that ended had still to say: with `all` everything there is, of which other packets than
 * messages are dropped, else messages up to the first other packet. */
void ipc_read_left(struct service *service, bool all);

/** There is room in a service's socket again. */
void ipc_room(struct service *service);

/** The service that this one cannot go on without, or NULL: it is in a send or a call to it, or receives from it
 * alone. Such a service reaches no quiescent point before the other one serves it. */
struct service *ipc_blocked_on(const struct service *service);

/** Add to what is told of a service: how many messages wait for it, and whom it waits for. */
void ipc_describe(const struct service *service, json_t *object);

/** Whether an answer waits for room in a service's socket: nobody else knows of it. */
bool ipc_owes_answer(const struct service *service);

/** The service of an earlier daemon kept its socket, and does not ask again. */
void ipc_inherit(struct service *service);

/** Hold back the messages to a service that do not pass these lists, which are borrowed; NULL: none. */
void ipc_filter(struct service *service, const struct ipc_filter *filters);

/** Read lists, each array up to a NULL, or NULL. Returns 0, or negative errno with a reason in `why`. */
__attribute__((warn_unused_result)) int ipc_filters_read(struct daemon *daemon,
    const char *const *blacklists, const char *const *whitelists, struct ipc_filter **ret,
    char why[static IPC_FILTER_TEXT_MAX]);

#endif
