/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages between services.
 *
 * A service addresses another by its endpoint, which minix_rs_lookup() finds by the label. The supervisor passes
 * messages on and says who sent them; what waits to be received stays with the receiver's endpoint when that is
 * updated, rolled back or restarted. docs/ipc.md tells the whole.
 *
 * Functions return OK or a positive errno value; an error leaves nothing sent and nothing received. They are for
 * the main thread. Errors of all: ENOTCONN no supervisor, or a process that the service forked; EPERM in a new
 * version before its commit, which must leave no trace; EBUSY from a callback while another call waits;
 * ETIMEDOUT the supervisor does not read its socket.
 *
 * Source: minix/include/minix/ipc.h, the historic ipc.h of libsys, asynsend.
 */
#ifndef SEF_IPC_H
#define SEF_IPC_H

#include <sef/attributes.h>
#include <sef/sef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* How a message was sent: IPC_STATUS_CALL() of the status of a receive. */
#define IPC_SEND                1
#define IPC_SENDREC             3
#define IPC_NOTIFY              4
#define IPC_SENDNB              5
#define IPC_SENDA               16
#define IPC_STATUS_CALL(status) ((status) & 0x3f)

#define NOTIFY_MESSAGE        0x1000 /**< m_type of a notification */
#define is_ipc_notify(status) (IPC_STATUS_CALL(status) == IPC_NOTIFY)
#define is_ipc_asynch(status) (is_ipc_notify(status) || IPC_STATUS_CALL(status) == IPC_SENDA)

/** Send a message and wait until its receiver has taken it.
 * Errors: EDEADSRCDST the destination does not exist, or ended meanwhile; ELOCKED it waits, perhaps through
 * others, for this service; ECALLDENIED it is the supervisor. */
int ipc_send(endpoint_t dst, const message *m_ptr);

/** Send a message and wait for the reply, which replaces it: the next message, no notification, of `dst`.
 * Errors: as ipc_send(); ERESTART_SEF the destination took the message and crashed before it replied. */
int ipc_sendrec(endpoint_t dst, message *m_ptr);

/** Send a message if its receiver waits for it already.
 * Errors: as ipc_send(), not ELOCKED; ENOTREADY it does not. */
int ipc_sendnb(endpoint_t dst, const message *m_ptr);

/** Have a message delivered when its receiver wants it; it is kept whatever becomes of the sender.
 * Errors: as ipc_send(), not ELOCKED; EAGAIN too many of this sender wait for this receiver; ENOBUFS too many of all
 * senders do; ENOMEM. */
int asynsend(endpoint_t dst, const message *m_ptr);

/** Notify a service. Notifications that have not been received yet count as one, and go before messages.
 * Errors: as asynsend(), not EAGAIN. */
int ipc_notify(endpoint_t dst);

/** Wait for a message of `src` or ANY. This is no quiescent point: sef_receive_status() is one.
 * `status_ptr` may be NULL.
 * Errors: EINTR a signal; EDEADSRCDST `src` does not exist, or ended; ELOCKED it waits for this service. */
int ipc_receive(endpoint_t src, message *m_ptr, int *status_ptr);

/** Receive a message if there is one. If there is none this is a quiescent point, as waiting would be. For a loop of
 * the service's own: call sef_dispatch(), then this for ANY until ENOTREADY, then wait; sef_fd() becomes readable
 * when there is something to receive.
 * Errors: ENOTREADY there is none; EDEADSRCDST `src` does not exist, or ended. */
int sef_receivenb(endpoint_t src, message *m_ptr, int *status_ptr);

/** Find the endpoint of a service by its label.
 * Errors: ESRCH there is none of that label; EINVAL no label; ENAMETOOLONG. */
int minix_rs_lookup(const char *name, endpoint_t *value);

/** A message for a service that waits with sef_wait(), sef_epoll_wait() or sef_dispatch(). */
typedef void (*sef_cb_message_t)(message *m_ptr, int status);
/** Have all messages handed to `cb`, one each time around a wait; NULL, the default: they wait for a receive. */
void sef_setcb_message(sef_cb_message_t cb);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
