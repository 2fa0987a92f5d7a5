/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel holds by address: the data of epoll registrations.
 *
 * The data is whatever the program likes, a descriptor, a number, or a pointer, so it is forwarded only
 * if it is what is forwarded in memory of unknown type. Most servers keep a pointer to their connection there. When such an object was rebuilt, the new
 * instance gets an epoll set of its own with the new address; the old instance keeps the set that
 * it sleeps on, so that a rollback finds it unchanged.
 */
#include <string.h>

#include "os/os_epoll.h"
#include "st/transfer.h"

static int forward_item(void *ctx, struct magic__epoll_item *item)
{
    struct st__transfer *t = ctx;
    uintptr_t successor;

    if (st__is_marked(t->marks, item->data) && st__forward_opaque(t, item->data, &successor) > 0) {
        item->data = successor;
        t->stats->ptrs_conservative++;
    }
    return 0;
}

int st__kernel_forward(struct st__transfer *t)
{
    int err = magic__os_epoll_each(forward_item, t);

    if (!err)
        return 0;
    t->subject = (struct st__subject) { 0 };
    t->error->os_errno = err;
    return st__fail(t, MAGIC_EOS, NULL, NULL, "an epoll set cannot be rebuilt: %s", strerror(err));
}
