/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The daemon as a whole: directories, signals, start and end.
 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "images.h"
#include "ipc_store.h"
#include "kept.h"
#include "log.h"
#include "multi.h"
#include "notify.h"
#include "record.h"
#include "resume.h"
#include "server.h"
#include "service.h"
#include "trust.h"
#include "units.h"
#include "worker.h"

enum { FIRST_ENDPOINT = 10 };

uint64_t daemon_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

int daemon_timer(struct daemon *daemon, sd_event_source **source, unsigned ms,
    sd_event_time_handler_t handler, void *data)
{
    sd_event_source_unref(*source);
    *source = NULL;
    return sd_event_add_time_relative(
        daemon->event, source, CLOCK_MONOTONIC, (uint64_t) ms * 1000, 1000, handler, data);
}

int daemon_turn(
    struct daemon *daemon, sd_event_source **source, sd_event_handler_t handler, void *data)
{
    sd_event_source_unref(*source);
    *source = NULL;
    return sd_event_add_defer(daemon->event, source, handler, data);
}

static void end_loop(struct daemon *daemon)
{
    sd_event_exit(daemon->event, 0);
}

static int on_give_up(sd_event_source *source, uint64_t usec, void *data)
{
    (void) source;
    (void) usec;
    log_error("services do not end; leaving them");
    end_loop(data);
    return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *data)
{
    struct daemon *daemon = data;
    (void) source;
    if (daemon->stopping) {
        services_kill(daemon);
        return 0;
    }
    log_info("stopping on %s from process %u of user %u", strsignal((int) info->ssi_signo),
        info->ssi_pid, info->ssi_uid);
    daemon_stop(daemon);
    return 0;
}

void daemon_stop(struct daemon *daemon)
{
    if (daemon->stopping)
        return;
    notify_stopping();
    daemon->stopping = true;
    server_stop_listening(daemon->server);
    if (!daemon->options.leave_services) {
        services_stop(daemon);
        if (daemon_timer(
                daemon, &daemon->give_up, daemon->options.stop_ms + 3000, on_give_up, daemon) < 0)
            services_kill(daemon);
    }
    daemon_service_gone(daemon);
}

void daemon_service_gone(struct daemon *daemon)
{
    if (daemon->stopping && (daemon->options.leave_services || !services_alive(daemon)))
        end_loop(daemon);
}

/* Reap whatever ended. A service's process is looked at while it is still a zombie, so that its
 * process id cannot have a new owner yet. */
static int on_child(sd_event_source *source, const struct signalfd_siginfo *signal, void *data)
{
    struct daemon *daemon = data;
    (void) source;
    (void) signal;
    for (;;) {
        siginfo_t info = { .si_pid = 0 };
        if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
            return 0;
        if (!replace_child_ended(daemon, &info))
            services_child_ended(daemon, &info);
        waitid(P_PID, (id_t) info.si_pid, &info, WEXITED | WNOHANG);
    }
}

static int init_signals(struct daemon *daemon)
{
    static const struct {
        int number;
        sd_event_signal_handler_t handler;
    } signals[] = {
        { SIGTERM, on_stop },
        { SIGINT, on_stop },
        { SIGCHLD, on_child },
    };
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        sigaddset(&set, signals[i].number);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0 || signal(SIGPIPE, SIG_IGN) == SIG_ERR)
        return -errno;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        int r = sd_event_add_signal(
            daemon->event, &daemon->signals[i], signals[i].number, signals[i].handler, daemon);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The directory holds code that services will run: nobody else may write into it. */
static int make_private_dir(const char *path)
{
    struct stat st;
    if (mkdir(path, 0700) < 0 && errno != EEXIST) {
        int r = -errno;
        log_error("cannot make the runtime directory %s: %s", path, strerror(-r));
        return r;
    }
    if (lstat(path, &st) < 0) {
        int r = -errno;
        log_error("runtime directory %s: %s", path, strerror(-r));
        return r;
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022)) {
        log_error("the runtime directory %s is not a directory that only this user can write to: "
                  "change its mode, or name another with --runtime-dir",
            path);
        return -EPERM;
    }
    return 0;
}

static int init_directories(struct daemon *daemon)
{
    char path[PATH_MAX], why[TRUST_TEXT_MAX];
    const char *given = daemon->options.runtime_dir;
    int r = given ? 0 : control_runtime_dir(path);
    if (r < 0) {
        log_error("XDG_RUNTIME_DIR: %s", strerror(-r));
        return r;
    }
    r = make_private_dir(given ? given : path);
    if (r < 0)
        return r;
    if (!realpath(given ? given : path, daemon->runtime_dir)) {
        r = -errno;
        log_error("runtime directory %s: %s", given ? given : path, strerror(-r));
        return r;
    }
    r = trust_directory(daemon->runtime_dir, why);
    if (r < 0) {
        log_error("runtime directory %s: %s", daemon->runtime_dir, why);
        return r;
    }
    r = units_dir(&daemon->options, daemon->units_dir);
    return r < 0 ? r : images_init(daemon);
}

int daemon_init(struct daemon *daemon, const struct daemon_options *options)
{
    *daemon = (struct daemon) {
        .options = *options, .next_endpoint = FIRST_ENDPOINT, .start_ns = daemon_now_ns()
    };
    umask(077);
    replace_inherit(&daemon->inherited);
    int r = notify_store_init(&daemon->kept);
    if (r < 0)
        log_error("what the service manager kept is lost: %s", strerror(-r));
    r = init_directories(daemon);
    if (r < 0)
        return r;
    r = sd_event_new(&daemon->event);
    if (r >= 0)
        r = init_signals(daemon);
    if (r >= 0 && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
        r = -errno;
    if (r < 0) {
        log_error("cannot set up the event loop: %s", strerror(-r));
        return r;
    }
    r = server_create(daemon, &daemon->server);
    if (r == 0)
        r = ipc_store_open(daemon);
    if (r == 0)
        r = resume_create(daemon, daemon->inherited.resume, &daemon->resume);
    kept_end(&daemon->kept);
    if (r == 0)
        r = records_init(daemon);
    if (r == 0) {
        (void) records_read(daemon);
        ipc_store_sweep(daemon);
        multi_sweep(daemon);
    }
    return r;
}

int daemon_check(const struct daemon_options *options)
{
    struct daemon daemon = { .options = *options, .next_endpoint = FIRST_ENDPOINT };
    int r = init_directories(&daemon);
    return r == 0 && records_read(&daemon) != 0 ? -EBADMSG : r;
}

/* Read the unit files and start what is to start with the daemon; errors are in the log. */
static void start_units(struct daemon *daemon)
{
    json_t *errors = json_array();
    units_load(daemon, errors);
    json_decref(errors);
    units_start(daemon);
}

int daemon_run(struct daemon *daemon)
{
    start_units(daemon);
    notify_ready("Waiting for requests");
    if (daemon->inherited.any)
        replace_done(daemon, daemon->inherited.client);
    int64_t watchdog = notify_watchdog(daemon->event);
    if (watchdog < 0)
        log_error("no signs of life for the service manager: %s", strerror((int) -watchdog));
    int r = sd_event_loop(daemon->event);
    if (r < 0)
        log_error("event loop: %s", strerror(-r));
    return r;
}

void daemon_deinit(struct daemon *daemon)
{
    multi_deinit(daemon);
    daemon->leaving = !daemon->stopping || daemon->options.leave_services;
    ipc_store_close(daemon, daemon->leaving);
    services_deinit(daemon);
    records_deinit(daemon);
    units_deinit(daemon);
    resume_destroy(daemon->resume);
    replace_deinit(daemon);
    server_destroy(daemon->server);
    worker_destroy(daemon->worker);
    for (size_t i = 0; i < sizeof daemon->signals / sizeof daemon->signals[0]; i++)
        sd_event_source_unref(daemon->signals[i]);
    sd_event_source_unref(daemon->give_up);
    sd_event_unref(daemon->event);
    images_deinit(daemon);
}
