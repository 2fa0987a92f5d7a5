/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the kernel holds by address: the data of epoll registrations.
 *
 * The data is whatever the program likes, a descriptor, a number, or a pointer, so it is forwarded only
 * if it is what is forwarded in memory of unknown type. Most servers keep a pointer to their connection
 * there. When such an object was rebuilt, the new instance gets an epoll set of its own with the new
 * address; the old instance keeps the set that it sleeps on, so that a rollback finds it unchanged.
 */
#include <string.h>

#include "os/os_epoll.h"
#include "st/transfer.h"

static int forward_item(void *ctx, struct magic__epoll_item *item)
{
    struct st__transfer *t = ctx;
    uintptr_t successor;
    char target[192];

    if (!st__is_marked(t->marks, item->data) ||
        st__forward_opaque(t, item->data, &successor) <= 0 || successor == item->data)
        return 0;
    st__describe(t, item->data, target, sizeof(target));
    t->subject = (struct st__subject) { .old_addr = item->data, .new_addr = successor };
    item->data = successor;
    if (!item->again)
        return 0;
    t->stats->ptrs_conservative++;
    return st__judge(t, ST__POLICY_opaque, MAGIC_EFAULT, NULL, NULL,
        "as the data of descriptor %d in epoll set %d is not declared as a pointer, but leads to "
        "%s",
        item->fd, item->epfd, target);
}

int st__kernel_forward(struct st__transfer *t)
{
    int err = magic__os_epoll_each(forward_item, t);

    if (err <= 0)
        return err;
    t->subject = (struct st__subject) { 0 };
    t->error->os_errno = err;
    return st__fail(t, MAGIC_EOS, NULL, NULL, "an epoll set cannot be rebuilt: %s", strerror(err));
}
