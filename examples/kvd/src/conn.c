/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Connections: creating them, and serving a client that is ready.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "flow.h"
#include "net.h"

enum { READ_SIZE = 16 * 1024 };

/* Connections closed because of an error. (store.c has a variable of the same name.) */
static uint64_t dropped;

uint64_t conn_dropped(void)
{
    return dropped;
}

struct conn *conn_create(struct server *s, int fd, const char *transport, conn_ready_t *ready)
{
    static uint64_t last_id;
    struct conn *c = calloc(1, sizeof(*c));

    if (!c) {
        close(fd);
        return NULL;
    }
    c->fd = fd;
    c->id = ++last_id;
    c->ready = ready;
    c->transport = transport;
    c->last_command = "none";
    c->active_ms = s->now_ms;
    c->interest = EPOLLIN;

    struct epoll_event event = { .events = c->interest, .data.ptr = c };
    if (epoll_ctl(s->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        conn_destroy(s, c);
        return NULL;
    }
    return c;
}

void conn_destroy(struct server *s, struct conn *c)
{
    /* After an update another process may still hold the socket: closing alone is not enough. */
    epoll_ctl(s->epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
    close(c->fd);
    buffer_deinit(&c->in);
    buffer_deinit(&c->out);
    free(c);
}

void conn_link(struct server *s, struct conn *c)
{
    c->prev = NULL;
    c->next = s->conns;
    if (c->next)
        c->next->prev = c;
    s->conns = c;
    s->n_conns++;
}

void conn_unlink(struct server *s, struct conn *c)
{
    if (c->next)
        c->next->prev = c->prev;
    if (c->prev)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    s->n_conns--;
}

/* Read what has come. Returns false when the client is gone. */
static bool conn_fill(struct server *s, struct conn *c)
{
    if (!buffer_reserve(&c->in, READ_SIZE))
        return false;
    ssize_t n = read(c->fd, c->in.data + c->in.end, c->in.cap - c->in.end);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    if (n == 0)
        return false;
    c->in.end += (size_t) n;
    flow_received(s, c, (size_t) n);
    return true;
}

/* Send what the socket takes. Returns false when the client is gone. */
static bool conn_flush(struct server *s, struct conn *c)
{
    while (buffer_pending(&c->out) > 0) {
        ssize_t n = send(c->fd, c->out.data + c->out.start, buffer_pending(&c->out), MSG_NOSIGNAL);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        buffer_consume(&c->out, (size_t) n);
        flow_sent(s, c, (size_t) n);
    }
    return true;
}

/* Run the requests that are complete. */
static void conn_run(struct server *s, struct conn *c)
{
    struct request request;
    const char *error;
    enum request_status status = REQUEST_OK;

    while (status == REQUEST_OK && flow_may_run(s, c)) {
        status = request_parse(&c->in, &request, &error);
        if (status == REQUEST_OK && request.argc > 0)
            command_dispatch(s, c, &request);
    }
    if (status == REQUEST_BAD) {
        reply_error(&c->out, error);
        c->state = CONN_DRAINING;
    }
}

static bool conn_serve(struct server *s, struct conn *c)
{
    do {
        conn_run(s, c);
        if (c->out.failed || !conn_flush(s, c)) {
            dropped++;
            return false;
        }
    } while (flow_resumed(c));
    return c->state != CONN_DRAINING || buffer_pending(&c->out) > 0;
}

static void conn_watch(struct server *s, struct conn *c)
{
    uint32_t interest = flow_interest(c);
    struct epoll_event event = { .events = interest, .data.ptr = c };

    if (interest != c->interest && epoll_ctl(s->epoll_fd, EPOLL_CTL_MOD, c->fd, &event) == 0)
        c->interest = interest;
}

void client_ready(struct server *s, struct conn *c, uint32_t events)
{
    bool alive = true;

    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        alive = conn_fill(s, c);
    if (alive && conn_serve(s, c)) {
        conn_watch(s, c);
        return;
    }
    conn_unlink(s, c);
    conn_destroy(s, c);
}
