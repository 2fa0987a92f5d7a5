/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A connection of kvd-check; see client.h.
 */
#include "client.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

enum { SHOWN = 60 }; /* bytes of a wrong reply that are printed */

int64_t clock_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void client_end(struct client *c)
{
    close(c->fd);
    c->fd = -1;
    buffer_deinit(&c->request);
    buffer_deinit(&c->reply);
    worker_deinit(&c->worker);
}

static void client_reset(struct client *c, const char *why, struct tally *t)
{
    fprintf(stderr, "kvd-check: connection %u: %s; %zu bytes of replies are missing\n",
        c->worker.id, why, buffer_pending(&c->reply));
    t->resets++;
    client_end(c);
}

void client_time_out(struct client *c, struct tally *t)
{
    client_reset(c, "no reply within the time limit", t);
}

static void print_bytes(const char *what, const char *bytes, size_t n)
{
    fprintf(stderr, "  %s: \"", what);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        if (bytes[i] >= ' ' && bytes[i] <= '~')
            fputc(bytes[i], stderr);
        else
            fprintf(stderr, "\\x%02x", (unsigned char) bytes[i]);
    }
    fputs("\"\n", stderr);
}

/* Compare what came with what must come. Returns false at the first difference. */
static bool client_compare(struct client *c, const char *bytes, size_t n, struct tally *t)
{
    const char *expected = c->reply.data + c->reply.start;
    size_t pending = buffer_pending(&c->reply), same = 0;

    while (same < n && same < pending && bytes[same] == expected[same])
        same++;
    if (same == n) {
        buffer_consume(&c->reply, n);
        return true;
    }
    fprintf(stderr, "kvd-check: connection %u: wrong reply\n", c->worker.id);
    size_t from = same > SHOWN / 2 ? same - SHOWN / 2 : 0;
    print_bytes("expected", expected + from, pending - from);
    print_bytes("received", bytes + from, n - from);
    t->wrong++;
    return false;
}

/* Send what the socket takes. Returns false if the connection is lost. */
static bool client_send(struct client *c)
{
    while (buffer_pending(&c->request) > 0) {
        ssize_t n = send(c->fd, c->request.data + c->request.start, buffer_pending(&c->request),
            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0)
            return errno == EAGAIN || errno == EINTR;
        buffer_consume(&c->request, (size_t) n);
    }
    return true;
}

static void client_watch(struct client *c)
{
    uint32_t interest = EPOLLIN | (buffer_pending(&c->request) > 0 ? EPOLLOUT : 0);
    struct epoll_event event = { .events = interest, .data.ptr = c };

    if (interest == c->interest)
        return;
    epoll_ctl(c->epoll_fd, c->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->fd, &event);
    c->interest = interest;
}

/* Begin the next batch; the connection ends when there is nothing left to ask. */
static void client_next(struct client *c, struct workload *w, uint32_t pipeline, struct tally *t)
{
    c->in_flight = 0;
    while (c->in_flight < pipeline && workload_next(w, &c->worker, &c->request, &c->reply))
        c->in_flight++;
    if (c->in_flight == 0) {
        client_end(c);
        return;
    }
    c->sent_ns = clock_ns();
    if (c->request.failed || c->reply.failed || !client_send(c))
        client_reset(c, strerror(errno), t);
    else
        client_watch(c);
}

static void client_batch_done(
    struct client *c, struct workload *w, uint32_t pipeline, struct tally *t)
{
    int64_t gap = clock_ns() - c->sent_ns;

    if (gap > t->max_gap_ns)
        t->max_gap_ns = gap;
    t->checked += c->in_flight;
    c->proven = true;
    client_next(c, w, pipeline, t);
}

void client_start(struct client *c, int epoll_fd, const struct sockaddr *addr, socklen_t len,
    struct workload *w, uint32_t pipeline, struct tally *t)
{
    c->epoll_fd = epoll_fd;
    c->fd = socket(addr->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || connect(c->fd, addr, len) != 0) {
        fprintf(stderr, "kvd-check: cannot connect: %s\n", strerror(errno));
        t->failed++;
        client_end(c);
        return;
    }
    client_next(c, w, pipeline, t);
}

void client_ready(struct client *c, struct workload *w, uint32_t pipeline, struct tally *t)
{
    char bytes[64 * 1024];
    ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    if (n == 0) {
        client_reset(c, "closed by the server", t);
    } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
        client_reset(c, strerror(errno), t);
    } else if (n > 0 && !client_compare(c, bytes, (size_t) n, t)) {
        client_end(c);
    } else if (buffer_pending(&c->reply) == 0) {
        client_batch_done(c, w, pipeline, t);
    } else if (!client_send(c)) {
        client_reset(c, strerror(errno), t);
    } else {
        client_watch(c);
    }
}
