/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel knows about this process's epoll sets.
 */
#ifndef MAGIC_OS_EPOLL_H
#define MAGIC_OS_EPOLL_H

#include <stdbool.h>
#include <stdint.h>

/** One registration in an epoll set. */
struct magic__epoll_item {
    int epfd;
    int fd;
    uint32_t events;
    uint64_t data;
    bool again; /**< asked for the last time, to fill the set that replaces this one */
};

/** Called for each registration; anything but 0 ends the iteration. It may change the item's data: the
 * set is then replaced, and the callback is called once more for each of its items, must do the same
 * again, and the new set gets that. Sets that hold sets are asked about several times. */
typedef int (*magic__epoll_cb_t)(void *ctx, struct magic__epoll_item *item);

/** Visit all registrations of all epoll sets among this process's descriptors.
 *
 * A set of which the callback changed something is replaced by a new set under the same number,
 * with all its registrations: other processes that share the old set keep it as it was. So are the sets
 * that hold such a set. A one-shot registration that has fired stays so, but for errors and hang-ups, of
 * which a new registration is always told.
 * Allocates nothing. Errors: what the callback returned; an errno value. */
__attribute__((warn_unused_result)) int magic__os_epoll_each(magic__epoll_cb_t cb, void *ctx);

#endif
