/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kvd-check: a client that knows what every reply must be.
 *
 * It keeps connections open, sends pipelined requests on all of them, and compares each reply byte
 * by byte. Standard output has a line "running" when every connection has had its first right
 * replies, and a last line with the totals. The exit code is 1 after any error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "check_options.h"
#include "client.h"

enum {
    MAX_EVENTS = 64,
    POLL_MS = 250, /* how often time limits are looked at */
};

struct checker {
    struct check_options options;
    struct workload workload;
    struct tally tally;
    struct client *clients; /* options.connections */
    int epoll_fd, signal_fd;
    bool announced; /* "running" was printed */
};

static socklen_t server_address(const struct check_options *o, struct sockaddr_storage *ret)
{
    memset(ret, 0, sizeof(*ret));
    if (o->unix_path) {
        struct sockaddr_un *un = (struct sockaddr_un *) ret;
        un->sun_family = AF_UNIX;
        snprintf(un->sun_path, sizeof(un->sun_path), "%s", o->unix_path);
        return sizeof(*un);
    }
    struct sockaddr_in *in = (struct sockaddr_in *) ret;
    in->sin_family = AF_INET;
    in->sin_port = htons((uint16_t) o->port);
    return inet_pton(AF_INET, o->host, &in->sin_addr) == 1 ? sizeof(*in) : 0;
}

/* Take SIGTERM and SIGINT as events. */
static int watch_signals(struct checker *k)
{
    sigset_t set;
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    k->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
    return epoll_ctl(k->epoll_fd, EPOLL_CTL_ADD, k->signal_fd, &event);
}

static int checker_start(struct checker *k)
{
    const struct check_options *o = &k->options;
    struct sockaddr_storage addr;
    socklen_t len = server_address(o, &addr);

    if (len == 0) {
        fprintf(stderr, "kvd-check: %s: not an IPv4 address\n", o->host);
        return 2;
    }
    k->workload = (struct workload) {
        .kind = o->kind, .prefix = o->prefix, .n_keys = o->keys, .n_bulk = o->n_bulk
    };
    k->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    k->clients = calloc(o->connections, sizeof(*k->clients));
    if (!k->clients || k->epoll_fd < 0 || watch_signals(k) != 0) {
        fprintf(stderr, "kvd-check: %s\n", strerror(errno));
        return 2;
    }
    for (unsigned i = 0; i < o->connections; i++)
        k->clients[i].fd = -1;
    for (unsigned i = 0; i < o->connections; i++) {
        if (!worker_init(&k->clients[i].worker, i, &k->workload))
            return 2;
        client_start(&k->clients[i], k->epoll_fd, (const struct sockaddr *) &addr, len,
            &k->workload, o->pipeline, &k->tally);
    }
    return 0;
}

/* Give up connections that wait too long; say when all are proven. Returns how many are left. */
static unsigned checker_review(struct checker *k)
{
    int64_t now = clock_ns(), limit = (int64_t) k->options.timeout * 1000000000;
    unsigned open = 0, proven = 0;

    for (unsigned i = 0; i < k->options.connections; i++) {
        struct client *c = &k->clients[i];
        if (c->fd >= 0 && now - c->sent_ns > limit)
            client_time_out(c, &k->tally);
        open += c->fd >= 0;
        proven += c->proven;
    }
    if (!k->announced && proven == k->options.connections) {
        puts("running");
        fflush(stdout);
        k->announced = true;
    }
    return open;
}

/* Serve the events of one wait. A signal begins the end: own keys are removed, then all stops. */
static void checker_turn(struct checker *k)
{
    struct epoll_event events[MAX_EVENTS];
    int n = epoll_wait(k->epoll_fd, events, MAX_EVENTS, POLL_MS);

    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        if (c)
            client_ready(c, &k->workload, k->options.pipeline, &k->tally);
        else
            k->workload.finish = true;
    }
}

static int checker_report(const struct checker *k)
{
    const struct tally *t = &k->tally;
    uint64_t errors = t->wrong + t->resets + t->failed;

    printf("checked=%" PRIu64 " errors=%" PRIu64 " resets=%" PRIu64 " wrong=%" PRIu64
           " max_gap_ms=%.1f\n",
        t->checked, errors, t->resets, t->wrong, (double) t->max_gap_ns / 1e6);
    return errors > 0;
}

int main(int argc, char **argv)
{
    struct checker k = { .epoll_fd = -1 };
    int status = check_options_parse(argc, argv, &k.options);

    if (status != 0)
        return status == 1 ? 0 : status;
    status = checker_start(&k);
    if (status != 0)
        return status;

    int64_t end = clock_ns() + (int64_t) k.options.seconds * 1000000000;
    while (checker_review(&k) > 0) {
        checker_turn(&k);
        if (k.options.seconds > 0 && clock_ns() >= end)
            k.workload.finish = true;
    }
    free(k.clients);
    return checker_report(&k);
}
