/* SPDX-License-Identifier: BSD-2-Clause
 * As version 2, with a callback that takes names for longer than they are. */
#include <st/callback.h>

enum state { OPEN, CLOSED };

struct client {
    char name[16];
    int fd;
    struct client *next;
};

static int copy_name(const struct st_element *element, void *ctx)
{
    (void) ctx;
    memset(element->new_value, 0, 20);
    memcpy(element->new_value, element->old_value, 8);
    return 0;
}

static int prepare(void)
{
    return st_setcb_selement_transfer(copy_name, ST_CB_TYPE_SELEMENT, "client.name", NULL);
}
