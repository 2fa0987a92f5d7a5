/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The daemon as a whole: its event loop, its configuration and what it owns.
 *
 * Everything runs in one thread on one event loop and nothing waits outside of it; work on large files is done
 * beside it by a second thread, which shares nothing (worker.h). Ownership is a tree: daemon -> server -> clients,
 * daemon -> services -> update. An operation that outlives the request refers to its client only through
 * client_bind(), which is cleared when the client goes.
 */
#ifndef SEFD_DAEMON_H
#define SEFD_DAEMON_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

#include "notify.h"
#include "replace.h"

struct multi;
struct ipc_store;
struct resume;
struct server;
struct service;
struct unit;

/** Command line options. Strings are borrowed from argv. */
struct daemon_options {
    const char *socket;       /**< NULL: RUNTIME/control */
    unsigned socket_mode;     /**< of the control socket */
    gid_t socket_gid;         /**< its group, or (gid_t) -1 */
    const char *runtime_dir;  /**< NULL: the default */
    const char *images_dir;   /**< NULL: RUNTIME/images */
    const char *units_dir;    /**< NULL: see units_dir() */
    unsigned request_ms;      /**< a client's time limit to state its request */
    unsigned stop_ms;         /**< from SIGTERM to SIGKILL */
    unsigned restart_ms;      /**< period of the back-off of restarts */
    unsigned crash_window_ms; /**< an instance that ran so long counts as having run well */
    char **argv;              /**< of this program */
    bool check;               /**< read what there is, and end */
    bool any_images;          /**< run programs that anybody may have written */
    bool leave_services;      /**< do not end services when the daemon ends */
};

struct daemon {
    struct daemon_options options;
    sd_event *event;
    sd_event_source *signals[3]; /**< SIGTERM, SIGINT, SIGCHLD */
    sd_event_source *give_up;    /**< end of waiting for services at exit */
    char runtime_dir[PATH_MAX];
    char images_dir[PATH_MAX]; /**< where copies of images go */
    char units_dir[PATH_MAX];  /**< where unit files are */
    struct unit *units;        /**< those read last */
    bool images_private;       /**< images_dir was made for this daemon; goes with it */
    struct server *server;
    struct resume *resume;      /**< where services of earlier daemons come back */
    struct ipc_store *messages; /**< that wait between services */
    sd_event_source *records;   /**< writes what changed */
    struct {
        char *image; /**< owned; NULL: none */
        pid_t trial; /**< 0: none */
        sd_event_source *timer;
        int patience; /**< turns that clients have left, after the trial */
        struct client *client;
    } replace;      /**< the program that is to take this one's place (replace.h) */
    bool replacing; /**< what is written is for a program that has all descriptors */
    struct inherited inherited;
    struct notify_store kept; /**< while the daemon begins (kept.h) */
    struct service *services; /**< linked list, in the order of their start */
    size_t n_services;
    struct worker *worker; /**< for what takes long, or NULL */
    struct multi *multi;   /**< services to be updated as one, or NULL */
    int next_endpoint;
    uint64_t start_ns; /**< CLOCK_MONOTONIC */
    bool stopping;
    bool leaving; /**< services stay for the next daemon */
};

/** Prepare directories, take the socket and set up the loop. Returns 0 or a negative errno value,
 * with the reason logged; daemon_deinit() is needed either way. */
__attribute__((warn_unused_result)) int daemon_init(
    struct daemon *daemon, const struct daemon_options *options);

/** Read all that there is to read, and change nothing. Returns 0 or a negative errno value, with the reason
 * logged. */
__attribute__((warn_unused_result)) int daemon_check(const struct daemon_options *options);

/** Serve until a signal ends it. Returns 0 or a negative errno value. */
__attribute__((warn_unused_result)) int daemon_run(struct daemon *daemon);

/** End the services and then the daemon. */
void daemon_stop(struct daemon *daemon);

void daemon_deinit(struct daemon *daemon);

/** To be called when a service has gone: ends a stopping daemon after the last. */
void daemon_service_gone(struct daemon *daemon);

/** (Re)arm a one-shot timer `ms` from now; `*source` may be NULL or an earlier one. Returns 0 or a
 * negative errno value. */
__attribute__((warn_unused_result)) int daemon_timer(struct daemon *daemon,
    sd_event_source **source, unsigned ms, sd_event_time_handler_t handler, void *data);

/** Have `handler` called once, after the events that wait already; `*source` may be NULL or an earlier one, also
 * the one that is being handled. (A source that stays enabled would keep its place before all that come
 * later.) Returns 0 or a negative errno value. */
__attribute__((warn_unused_result)) int daemon_turn(
    struct daemon *daemon, sd_event_source **source, sd_event_handler_t handler, void *data);

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t daemon_now_ns(void);

#endif
