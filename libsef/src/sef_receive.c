/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Receiving messages, and the quiescent points of services that wait for them or have a loop of their own.
 *
 * A receive is a request to the switch and a wait for its answer. Whatever happens while it waits may end the
 * request: an update that was rolled back, a callback that sent a message. Then it is made again.
 *
 * Source: sef_receive_status() and sef_cancel() of minix/lib/libsys/sef.c.
 */
#include <signal.h>

#include "sef_internal.h"

static volatile sig_atomic_t cancelled;

void sef_cancel(void)
{
    cancelled = 1;
}

/* A quiescent point, but for messages. */
static void attend(void)
{
    sef__control_drain();
    sef__quiescent();
    sef__update_reclaim();
}

int sef_dispatch(void)
{
    enum { PORTION = 64 };

    if (sef_fd() < 0)
        return OK;
    sef__control_drain();
    for (unsigned i = 0; i < PORTION && sef__ipc_due(); i++)
        sef__ipc_dispatch();
    sef__quiescent();
    sef__update_reclaim();
    /* The caller waits for the socket, and its news of the rest was read. */
    if (sef__ipc_due())
        sef__ipc_watch();
    return OK;
}

/* What a receive waits for; also one in an initialisation. */
static int socket_fd(void)
{
    return sef__self.control_fd >= 0 ? sef__self.control_fd : sef__resume_fd();
}

/* Wait for the supervisor, or for a signal. A handler can only run inside ppoll(), so a cancel
 * from a handler is never missed. */
static int wait_interruptible(bool cancellable)
{
    struct pollfd control = { .fd = socket_fd(), .events = POLLIN };
    sigset_t all, mask;
    int r = OK;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    if ((cancellable && cancelled) || ppoll(&control, 1, NULL, &mask) < 0)
        r = EINTR;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return r;
}

/* Make the request again if it has ended. The supervisor itself sends no messages. */
static int renew(endpoint_t src, uint64_t *seq)
{
    struct sef_ipc_packet packet = { .type = SEF_IPC_RECEIVE, .endpoint = src };
    int r = OK;

    if (src == RS_PROC_NR || sef__resume_waits() || (*seq && sef__ipc_waits(*seq)))
        return OK;
    r = sef__ipc_request(&packet);
    *seq = packet.seq;
    return r;
}

static int receive(endpoint_t src, message *m, int *status, bool quiescent)
{
    struct sef_ipc_packet packet;
    uint64_t seq = 0;
    int r = sef__update_pending() ? EPERM : OK;

    while (r == OK) {
        if (quiescent && sef_fd() >= 0)
            attend();
        else
            sef__control_drain();
        if (socket_fd() < 0)
            return ENOTCONN;
        if (seq && sef__ipc_waits(seq) && sef__ipc_answered(&packet))
            return packet.type == SEF_IPC_DELIVER ? sef__ipc_accept(&packet, m, status) : EPROTO;
        r = renew(src, &seq);
        if (r == OK)
            r = wait_interruptible(quiescent);
    }
    if (r == EINTR)
        sef__ipc_withdraw();
    return r;
}

int sef_receive_status(endpoint_t src, message *m_ptr, int *status_ptr)
{
    int r;

    if (status_ptr)
        *status_ptr = 0;
    r = receive(src, m_ptr, status_ptr, true);
    cancelled = 0;
    return r;
}

int sef_receivenb(endpoint_t src, message *m_ptr, int *status_ptr)
{
    int r = sef__ipc_poll(src, m_ptr, status_ptr);

    while (r == ENOTREADY && sef_fd() >= 0) {
        sef__quiescent();
        if (src != ANY || !sef__ipc_pending())
            break;
        r = sef__ipc_poll(src, m_ptr, status_ptr);
    }
    return r;
}

int ipc_receive(endpoint_t src, message *m_ptr, int *status_ptr)
{
    return receive(src, m_ptr, status_ptr, false);
}
