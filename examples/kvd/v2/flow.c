/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Flow control (version 2): a client whose replies pile up is not served until it reads them.
 */
#include "flow.h"

#include <sys/epoll.h>

enum {
    STALL_ABOVE = 1024 * 1024, /* bytes of waiting output */
    RESUME_BELOW = STALL_ABOVE / 2,
};

void flow_received(struct server *s, struct conn *c, size_t n)
{
    if (c->state == CONN_NEW)
        c->state = CONN_OPEN;
    c->active_ms = s->now_ms;
    c->bytes_in += n;
    s->bytes_in += n;
}

void flow_sent(struct server *s, struct conn *c, size_t n)
{
    c->bytes_out += n;
    s->bytes_out += n;
}

bool flow_may_run(struct server *s, struct conn *c)
{
    if (c->state == CONN_OPEN && buffer_pending(&c->out) > STALL_ABOVE) {
        c->state = CONN_STALLED;
        s->n_stalls++;
    }
    return c->state == CONN_OPEN;
}

bool flow_resumed(struct conn *c)
{
    if (c->state != CONN_STALLED || buffer_pending(&c->out) > RESUME_BELOW)
        return false;
    c->state = CONN_OPEN;
    return true;
}

uint32_t flow_interest(const struct conn *c)
{
    uint32_t events = c->state == CONN_NEW || c->state == CONN_OPEN ? EPOLLIN : 0;

    return buffer_pending(&c->out) > 0 ? events | EPOLLOUT : events;
}
