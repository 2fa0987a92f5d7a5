/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Flow control (version 1): every request runs at once; output may grow without limit.
 */
#include "flow.h"

#include <sys/epoll.h>

void flow_received(struct server *s, struct conn *c, size_t n)
{
    (void) n;
    if (c->state == CONN_NEW)
        c->state = CONN_OPEN;
    c->active_ms = s->now_ms;
}

void flow_sent(struct server *s, struct conn *c, size_t n)
{
    (void) s, (void) c, (void) n;
}

bool flow_may_run(struct server *s, struct conn *c)
{
    (void) s;
    return c->state == CONN_OPEN;
}

bool flow_resumed(struct conn *c)
{
    (void) c;
    return false;
}

uint32_t flow_interest(const struct conn *c)
{
    uint32_t events = c->state == CONN_DRAINING ? 0 : EPOLLIN;

    return buffer_pending(&c->out) > 0 ? events | EPOLLOUT : events;
}
