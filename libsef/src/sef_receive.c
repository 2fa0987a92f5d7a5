/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The quiescent points of services that wait for messages or have a loop of their own.
 *
 * Source: sef_receive_status() and sef_cancel() of minix/lib/libsys/sef.c; differs: there are no
 * messages but the supervisor's yet, so a receive ends only by signal, cancel or loss of the
 * supervisor.
 */
#include <signal.h>

#include "sef_internal.h"

static volatile sig_atomic_t cancelled;

void sef_cancel(void)
{
    cancelled = 1;
}

int sef_dispatch(void)
{
    if (sef_fd() < 0)
        return OK;
    sef__control_drain();
    sef__quiescent();
    sef__update_reclaim();
    return OK;
}

/* Wait for the supervisor, or for a signal. A handler can only run inside ppoll(), so a cancel
 * from a handler is never missed. */
static int wait_interruptible(void)
{
    struct pollfd control = { .fd = sef_fd(), .events = POLLIN };
    sigset_t all, mask;
    int r = OK;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    if (cancelled || ppoll(&control, 1, NULL, &mask) < 0)
        r = EINTR;
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return r;
}

int sef_receive_status(endpoint_t src, message *m_ptr, int *status_ptr)
{
    int r = OK;

    (void) src;
    (void) m_ptr;
    while (r == OK) {
        sef_dispatch();
        r = sef_fd() < 0 ? ENOTCONN : wait_interruptible();
    }
    cancelled = 0;
    if (status_ptr)
        *status_ptr = 0;
    return r;
}
