/* SPDX-License-Identifier: BSD-2-Clause
 *
 * kvd: a key-value server that is updated while it serves.
 *
 * main runs in every version. What must happen only once - sockets, the table, handlers - is in
 * the callback for a fresh start; in an update sef_startup() brings the old version's state
 * instead, and the loop goes on with the same sockets, connections and keys.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <sef/sef.h>

#include "command.h"
#include "net.h"
#include "options.h"
#include "store.h"
#include "version.h"

enum {
    TICK_MS = 100,
    MAX_EVENTS = 128,
};

struct server kvd;
static struct options options;
static volatile sig_atomic_t stop;

static void on_sigterm(int sig)
{
    (void) sig;
    stop = 1;
}

/* Never 0, which stands for "no time" in the state. */
static int64_t clock_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + 1;
}

static void release(void)
{
    net_deinit(&kvd);
    table_destroy(kvd.db);
    kvd.db = NULL;
}

static int init_fresh(int type, sef_init_info_t *info)
{
    struct sigaction act = { .sa_handler = on_sigterm };

    (void) type, (void) info;
    kvd.started_ms = kvd.now_ms = clock_ms();
    kvd.commands = kvd_commands;
    kvd.expiry = &default_expiry;
    kvd.db = table_create((uint64_t) sef_getrndseed());
    if (!kvd.db || atexit(release) != 0)
        return ENOMEM;
    if (sigaction(SIGTERM, &act, NULL) != 0 || sigaction(SIGINT, &act, NULL) != 0)
        return errno;
    return net_init(&kvd, &options);
}

/* One turn of the loop: wait, serve whoever is ready, sweep once a tick. */
static void serve(struct server *s)
{
    static int64_t swept_ms;
    struct epoll_event events[MAX_EVENTS];
    int n = sef_epoll_wait(s->epoll_fd, events, MAX_EVENTS, TICK_MS);

    s->now_ms = clock_ms();
    for (int i = 0; i < n; i++) {
        struct conn *c = events[i].data.ptr;
        c->ready(s, c, events[i].events);
    }
    if (s->now_ms - swept_ms >= TICK_MS) {
        store_sweep(s);
        swept_ms = s->now_ms;
    }
}

int main(int argc, char **argv)
{
    int status = options_parse(argc, argv, &options);

    if (status != 0)
        return status == 1 ? 0 : status;

    sef_setcb_init_fresh(init_fresh);
    sef_setcb_init_lu(KVD_INIT_LU);
    sef_setcb_init_restart(SEF_CB_INIT_RESTART_STATEFUL);
    if (sef_startup() != OK)
        return 1;

    while (!stop)
        serve(&kvd);
    if (options.unix_path)
        unlink(options.unix_path);
    return 0;
}
