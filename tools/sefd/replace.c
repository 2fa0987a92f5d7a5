/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Replacing the daemon by another program.
 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client.h"
#include "daemon.h"
#include "log.h"
#include "multi.h"
#include "notify.h"
#include "process.h"
#include "record.h"
#include "resume.h"
#include "server.h"
#include "service.h"
#include "trust.h"

#define INHERIT_ENV "SEFD_INHERIT"

enum {
    TRIAL_MS = 5000,       /* for the new program to look at what it will find */
    PATIENCE_TURNS = 1000, /* of a millisecond each, with clients that have not asked yet */
};

static int wait_a_turn(struct daemon *daemon);

/* ---- The old program --------------------------------------------------------------------- */

/* What a new program could not go on with. */
static const char *find_busy(const struct daemon *daemon)
{
    if (daemon->replace.image)
        return "it is being replaced already";
    if (daemon->stopping)
        return "it is stopping";
    if (multi_exists(daemon))
        return "an update of several services is queued or running";
    for (const struct service *s = daemon->services; s; s = s->next) {
        if (s->update)
            return "a service is being updated";
        if (s->client || (s->state != SERVICE_RUNNING && s->state != SERVICE_ENDED))
            return "a service is starting or being taken down";
        if (s->recovery.expecting)
            return "a service has crashed";
        if (ipc_owes_answer(s))
            return "a service does not read its control socket";
    }
    return NULL;
}

/* The program runs with all that this one may do. */
static int check_file(
    const struct daemon *daemon, const char *image, char why[static TRUST_TEXT_MAX])
{
    const struct trust trust = {
        .owner = geteuid(), .group = CONFIG_NO_GROUP, .all = daemon->options.any_images
    };
    int r = trust_program(&trust, image, why);
    if (r == 0 && access(image, X_OK) < 0) {
        r = -errno;
        snprintf(why, TRUST_TEXT_MAX, "%s", strerror(-r));
    }
    return r;
}

static char **make_argv(const struct daemon *daemon, const char *image, const char *more)
{
    size_t n = 0;
    while (daemon->options.argv[n])
        n++;
    char **argv = calloc(n + 2, sizeof *argv);
    if (!argv)
        return NULL;
    memcpy(argv, daemon->options.argv, n * sizeof *argv);
    memcpy(&argv[0], &image, sizeof image);
    if (more)
        memcpy(&argv[n], &more, sizeof more);
    return argv;
}

static int on_trial_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct daemon *daemon = data;
    (void) source;
    (void) usec;
    if (daemon->replace.trial) /* it is reaped by us alone, so this is it */
        kill(daemon->replace.trial, SIGKILL);
    return 0;
}

/* A program that is no sefd may run for ever. */
static int start_trial(struct daemon *daemon)
{
    char **argv = make_argv(daemon, daemon->replace.image, "--check");
    if (!argv)
        return -ENOMEM;
    int e = posix_spawn(&daemon->replace.trial, daemon->replace.image, NULL, NULL, argv, environ);
    free(argv);
    if (e) {
        daemon->replace.trial = 0;
        return -e;
    }
    if (daemon_timer(daemon, &daemon->replace.timer, TRIAL_MS, on_trial_limit, daemon) < 0)
        kill(daemon->replace.trial, SIGKILL);
    return 0;
}

static void give_up(struct daemon *daemon, int error, const char *text)
{
    log_error("not replaced by %s: %s", daemon->replace.image, text);
    client_finish(&daemon->replace.client, client_reply_new(error, text));
    free(daemon->replace.image);
    daemon->replace.image = NULL;
}

void replace_begin(struct daemon *daemon, struct client *client, const char *image)
{
    const char *busy = find_busy(daemon);
    if (busy) {
        client_refuse(client, EBUSY, "sefd cannot be replaced now: %s", busy);
        return;
    }
    daemon->replace.image = strdup(image);
    if (!daemon->replace.image) {
        client_refuse(client, ENOMEM, "out of memory");
        return;
    }
    client_bind(client, &daemon->replace.client);
    char why[TRUST_TEXT_MAX];
    int r = check_file(daemon, image, why);
    if (r < 0)
        give_up(daemon, -r, why);
    else if ((r = start_trial(daemon)) < 0)
        give_up(daemon, -r, strerror(-r));
}

/* Let descriptors stay open, or not, when another program is executed. */
static void keep_open(const struct daemon *daemon, int client, bool keep)
{
    const int fds[] = { server_fd(daemon->server), server_lock(daemon->server),
        resume_fd(daemon->resume), client };
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        if (fds[i] >= 0)
            (void) fcntl(fds[i], F_SETFD, keep ? 0 : FD_CLOEXEC);
    }
    for (struct service *s = daemon->services; s; s = s->next) {
        if (s->control >= 0)
            (void) fcntl(s->control, F_SETFD, keep ? 0 : FD_CLOEXEC);
    }
}

static int execute(struct daemon *daemon)
{
    int client = daemon->replace.client ? client_fd(daemon->replace.client) : -1;
    char **argv = make_argv(daemon, daemon->replace.image, NULL);
    char text[64];
    if (!argv)
        return -ENOMEM;
    snprintf(text, sizeof text, "%d %d %d %d", server_fd(daemon->server),
        server_lock(daemon->server), resume_fd(daemon->resume), client);
    daemon->replacing = true; /* records have more in them now */
    for (struct service *s = daemon->services; s; s = s->next)
        record_write(s);
    keep_open(daemon, client, true);
    int r = setenv(INHERIT_ENV, text, 1) < 0 ? -errno : 0;
    if (r == 0) {
        notify_reloading();
        execv(daemon->replace.image, argv);
        r = -errno;
    }
    unsetenv(INHERIT_ENV);
    keep_open(daemon, client, false);
    daemon->replacing = false;
    notify_ready("Waiting for requests");
    free(argv);
    return r;
}

/* The trial went well. Clients that have connected get their answers first, if they ask soon. */
static int on_tried(sd_event_source *source, uint64_t usec, void *data)
{
    struct daemon *daemon = data;
    char *image = daemon->replace.image;
    (void) source;
    (void) usec;
    if (daemon->replace.patience-- > 0 && clients_wait(*server_clients(daemon->server)) &&
        wait_a_turn(daemon) == 0)
        return 0;
    daemon->replace.timer = sd_event_source_disable_unref(daemon->replace.timer);
    daemon->replace.image = NULL;
    const char *busy = find_busy(daemon); /* meanwhile */
    daemon->replace.image = image;
    if (busy) {
        give_up(daemon, EBUSY, busy);
    } else {
        int r = execute(daemon);
        give_up(daemon, -r, strerror(-r));
    }
    return 0;
}

static int wait_a_turn(struct daemon *daemon)
{
    daemon->replace.timer = sd_event_source_disable_unref(daemon->replace.timer);
    int r = daemon_timer(daemon, &daemon->replace.timer, 1, on_tried, daemon);
    if (r >= 0)
        r = sd_event_source_set_priority(daemon->replace.timer, SD_EVENT_PRIORITY_IDLE);
    return r < 0 ? r : 0;
}

bool replace_child_ended(struct daemon *daemon, const siginfo_t *info)
{
    char end[PROCESS_END_MAX], text[PROCESS_END_MAX + 64];
    if (!daemon->replace.trial || daemon->replace.trial != info->si_pid)
        return false;
    daemon->replace.trial = 0;
    daemon->replace.timer = sd_event_source_disable_unref(daemon->replace.timer);
    daemon->replace.patience = PATIENCE_TURNS;
    if (info->si_code != CLD_EXITED || info->si_status != 0) {
        snprintf(
            text, sizeof text, "the new program, tried with --check, %s", process_end(info, end));
        give_up(daemon, ENOEXEC, text);
    } else {
        int r = wait_a_turn(daemon);
        if (r < 0)
            give_up(daemon, -r, strerror(-r));
    }
    return true;
}

void replace_deinit(struct daemon *daemon)
{
    if (daemon->replace.trial)
        kill(daemon->replace.trial, SIGKILL);
    free(daemon->replace.image);
    sd_event_source_disable_unref(daemon->replace.timer);
}

/* ---- The new program --------------------------------------------------------------------- */

static bool is_open(int fd)
{
    return fd >= 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

void replace_inherit(struct inherited *ret)
{
    const char *text = getenv(INHERIT_ENV);
    *ret = (struct inherited) { false, -1, -1, -1, -1 };
    int n = text
                ? sscanf(text, "%d %d %d %d", &ret->control, &ret->lock, &ret->resume, &ret->client)
                : 0;
    ret->any = n == 4 && is_open(ret->control) && is_open(ret->lock) && is_open(ret->resume);
    if (!ret->any)
        *ret = (struct inherited) { false, -1, -1, -1, -1 };
    else if (!is_open(ret->client))
        ret->client = -1;
    unsetenv(INHERIT_ENV);
}

void replace_done(struct daemon *daemon, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    struct client *client, *slot;
    log_info("this program took the place of another one");
    if (fd < 0)
        return;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0)
        close(fd);
    else if (client_create(daemon, fd, &peer, &client) == 0) {
        json_t *reply = client_reply_new(0, "sefd was replaced");
        (void) json_object_set_new(reply, "label", json_string("sefd"));
        (void) json_object_set_new(reply, "pid", json_integer(getpid()));
        client_bind(client, &slot);
        client_finish(&slot, reply);
    }
}
