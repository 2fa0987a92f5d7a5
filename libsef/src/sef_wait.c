/* SPDX-License-Identifier: BSD-2-Clause
 *
 * poll() and epoll_wait() as quiescent points.
 *
 * The supervisor's socket is waited for together with what the caller waits for. When it is
 * readable its packets are handled first and the caller's wait begins again: the caller's events
 * are level-triggered here, or still in its epoll set, and none is lost by an update in between. While
 * an update left something to free, a service with nothing to do frees it instead of waiting. A message for the
 * service's callback is handed over before the wait, one each time, so that neither starves the other.
 */
#include <stdlib.h>

#include "sef_internal.h"

#define INLINE_ENTRIES 64

/* The entries of the last wait; kept, so that a loop does not allocate each time around. */
static struct pollfd inline_entries[INLINE_ENTRIES];
static struct pollfd *entries = inline_entries;
static size_t capacity = INLINE_ENTRIES;

static bool make_room(size_t n)
{
    struct pollfd *grown;

    if (n <= capacity)
        return true;
    grown = reallocarray(entries == inline_entries ? NULL : entries, n, sizeof(*grown));
    if (!grown)
        return false;
    entries = grown;
    capacity = n;
    return true;
}

/* Copy the caller's entries behind the control socket's. Those that poll() ignores are left out:
 * the total must not pass RLIMIT_NOFILE because of the additional one. */
static nfds_t gather(const struct pollfd *fds, nfds_t nfds)
{
    nfds_t n = 0;

    entries[n++] = (struct pollfd) { .fd = sef__wait_fd(), .events = POLLIN };
    for (nfds_t i = 0; i < nfds; i++)
        if (fds[i].fd >= 0)
            entries[n++] = (struct pollfd) { .fd = fds[i].fd, .events = fds[i].events };
    return n;
}

static void scatter(struct pollfd *fds, nfds_t nfds)
{
    nfds_t n = 1;

    for (nfds_t i = 0; i < nfds; i++)
        fds[i].revents = fds[i].fd >= 0 ? entries[n++].revents : 0;
}

/* Do a portion of what there is to do besides waiting. Returns true if there is more. The test of the state comes
 * last, because all else may take in a request to prepare for it. */
static bool work(void)
{
    const bool more = sef__update_reclaim();

    sef__ipc_dispatch();
    sef__quiescent();
    return more || sef__ipc_due();
}

int sef_wait(struct pollfd *fds, nfds_t nfds, int timeout)
{
    const uint64_t deadline = sef__os_deadline(timeout);
    bool busy;
    int r;

    for (;;) {
        busy = work();
        if (sef__wait_fd() < 0)
            return poll(fds, nfds, sef__os_timeout(deadline));
        if (!make_room(nfds + 1)) {
            errno = ENOMEM;
            return -1;
        }
        r = poll(entries, gather(fds, nfds), busy ? 0 : sef__os_timeout(deadline));
        if (r < 0)
            return -1;
        if (r == 0 && busy && sef__os_timeout(deadline) != 0)
            continue;
        if (!entries[0].revents) {
            scatter(fds, nfds);
            return r;
        }
        sef__control_drain();
    }
}

int sef_epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout)
{
    const uint64_t deadline = sef__os_deadline(timeout);
    bool busy;
    int r;

    for (;;) {
        struct pollfd set[2] = { { .events = POLLIN }, { .fd = epfd, .events = POLLIN } };

        busy = work();
        set[0].fd = sef__wait_fd();
        if (set[0].fd < 0 || maxevents <= 0)
            return epoll_wait(epfd, events, maxevents, sef__os_timeout(deadline));
        r = poll(set, 2, busy ? 0 : sef__os_timeout(deadline));
        if (r < 0)
            return -1;
        if (r == 0 && busy && sef__os_timeout(deadline) != 0)
            continue;
        if (set[0].revents) {
            sef__control_drain();
            continue;
        }
        /* Another process that shares the set may have taken the event. */
        r = epoll_wait(epfd, events, maxevents, 0);
        if (r != 0 || sef__os_timeout(deadline) == 0)
            return r;
    }
}
