/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service's process and its end. service_start.c has the beginning.
 */
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sef/wire.h>

#include "client.h"
#include "daemon.h"
#include "images.h"
#include "log.h"
#include "record.h"
#include "resume.h"
#include "standby.h"
#include "update.h"

struct service *service_find(struct daemon *daemon, const char *label)
{
    struct service *service = daemon->services;
    while (service && strcmp(service->label, label) != 0)
        service = service->next;
    return service;
}

const char *service_state_name(const struct service *service)
{
    if (service->update)
        return "updating";
    switch (service->state) {
    case SERVICE_STARTING:
        return "starting";
    case SERVICE_RUNNING:
        return "running";
    case SERVICE_STOPPING:
    case SERVICE_FAILED:
        return "stopping";
    case SERVICE_RESTARTING:
        return "restarting";
    default:
        return "ended";
    }
}

/* ---- The process ------------------------------------------------------------------------- */

void service_untrack(struct service *service)
{
    service->exit_source = sd_event_source_disable_unref(service->exit_source);
    if (service->pidfd >= 0)
        close(service->pidfd);
    service->pidfd = -1;
    service->tracked = false;
    record_touch(service);
}

/* The tracked process is dead; `info` is NULL if it was not our child yet. */
static void instance_ended(struct service *service, const siginfo_t *info)
{
    service_hear_out(service);
    service_untrack(service);
    process_end(info, service->end);
    service->end_signal = info && info->si_code != CLD_EXITED ? info->si_status : 0;
    log_debug("%s: process %d %s", service->label, (int) service->pid, service->end);
    if (resume_instance_ended(service) || recovery_instance_ended(service))
        return;
    if (service->update && service->state == SERVICE_RUNNING)
        update_instance_ended(service->update);
    else
        service_gone(service);
}

static int on_exit_event(sd_event_source *source, int fd, uint32_t events, void *data)
{
    struct service *service = data;
    (void) source;
    (void) events;
    siginfo_t info = { .si_pid = 0 };
    if (waitid(P_PIDFD, (id_t) fd, &info, WEXITED | WNOHANG | WNOWAIT) < 0)
        info.si_pid = 0;
    pid_t pid = info.si_pid;
    instance_ended(service, pid ? &info : NULL);
    if (pid)
        waitid(P_PID, (id_t) pid, &info, WEXITED | WNOHANG);
    return 0;
}

int service_track(struct service *service, pid_t pid)
{
    int r = process_open(pid, &service->pidfd);
    if (r < 0)
        return r;
    if (service->pidfd >= 0)
        r = sd_event_add_io(service->daemon->event, &service->exit_source, service->pidfd, EPOLLIN,
            on_exit_event, service);
    if (r < 0) {
        service_untrack(service);
        return r;
    }
    service->pid = pid;
    service->tracked = true;
    record_touch(service);
    service->end[0] = '\0';
    return 0;
}

static bool is_known(const struct daemon *daemon, pid_t pid)
{
    for (const struct service *s = daemon->services; s; s = s->next) {
        if ((s->tracked && s->pid == pid) || s->sid == getsid(pid) ||
            (s->standby && s->standby->pid == pid))
            return true;
    }
    return false;
}

bool service_may_be(const struct service *service, pid_t pid)
{
    if (pid <= 0)
        return false;
    if (getsid(pid) == service->sid)
        return true;
    pid_t parent = process_parent(pid);
    return (parent == service->pid || parent == getpid()) && getsid(pid) == pid &&
           !is_known(service->daemon, pid);
}

void service_signal(const struct service *service, int signal)
{
    int r = process_signal(service->pid, service->pidfd, signal);
    if (r < 0)
        log_error(
            "%s: cannot signal process %d: %s", service->label, (int) service->pid, strerror(-r));
}

int service_adopt(struct service *service, pid_t pid, const char *image)
{
    char *copy = strdup(image), *next = strdup(image);
    int r = copy && next ? service_track(service, pid) : -ENOMEM;
    if (r < 0) {
        free(copy);
        free(next);
        return r;
    }
    free(service->image);
    service->image = copy;
    free(service->config.image);
    service->config.image = next;
    return 0;
}

void services_child_ended(struct daemon *daemon, const siginfo_t *info)
{
    struct service *service = daemon->services;
    while (service && (!service->tracked || service->pid != info->si_pid))
        service = service->next;
    if (service)
        instance_ended(service, info);
    else if (!standbys_child_ended(daemon, info)) {
        recovery_child_ended(daemon, info);
        updates_child_ended(daemon, info);
    }
}

void service_close_control(struct service *service)
{
    coverage_end(service);
    service->control_source = sd_event_source_disable_unref(service->control_source);
    if (service->control >= 0) {
        ipc_read_left(service, true);
        close(service->control);
    }
    service->control = -1;
}

/* ---- The end ----------------------------------------------------------------------------- */

void service_destroy(struct service *service)
{
    struct service **at = &service->daemon->services;
    while (*at && *at != service)
        at = &(*at)->next;
    if (*at) {
        *at = service->next;
        service->daemon->n_services--;
    }
    if (!service->daemon->leaving && service->recorded)
        record_remove(service);
    ipc_close(service);
    if (service->update)
        update_destroy(service->update);
    sd_event_source_disable_unref(service->timer);
    sd_event_source_disable_unref(service->rerandomize);
    recovery_stop(service);
    standby_destroy(service);
    service_close_control(service);
    service_untrack(service);
    client_finish(&service->client, NULL);
    json_decref(service->last_update);
    free(service->image);
    free(service->resume.image);
    service_config_deinit(&service->config);
    free(service);
}

static void answer(struct service *service, int result, const char *text)
{
    if (result != 0 && !service->client)
        log_error("%s: %s", service->label, text);
    json_t *reply = client_reply_new(result, text);
    if (reply)
        (void) json_object_set_new(reply, "label", json_string(service->label));
    client_finish(&service->client, reply);
}

/* End what is left of its session. */
static void kill_left(struct service *service)
{
    char mark[sizeof SEF_RESUME_SOCKET_ENV + PATH_MAX];
    process_kill_session(service->sid);
    snprintf(
        mark, sizeof mark, "%s=%s", SEF_RESUME_SOCKET_ENV, resume_path(service->daemon->resume));
    if (service->resume.met || service->resume.expected)
        process_kill_strangers(service->sid, service->resume.met ? NULL : mark);
    service->resume.met = false;
}

void service_gone(struct service *service)
{
    struct daemon *daemon = service->daemon;
    char text[LAUNCH_TEXT_MAX];
    kill_left(service);
    service_close_control(service);
    service->resume.expected = false;
    service->timer = sd_event_source_disable_unref(service->timer);
    images_remove_all(daemon, service->label);
    if (recovery_continue(service))
        return;

    switch (service->state) {
    case SERVICE_STARTING:
        snprintf(text, sizeof text, "%s before it was initialised", service->end);
        answer(service, ECHILD, text);
        break;
    case SERVICE_FAILED:
        answer(service, service->error, service->text);
        break;
    case SERVICE_STOPPING:
        if (service->refreshing && !daemon->stopping) {
            service->refreshing = false;
            service_relaunch(service, 0);
            return;
        }
        answer(service, 0, service->end);
        service->relaunched = false;
        break;
    default:
        service->relaunched = true;
        break;
    }
    if (service->relaunched) {
        service->state = SERVICE_ENDED;
        ipc_close(service);
        log_info("%s: process %d %s", service->label, (int) service->pid, service->end);
    } else {
        log_info("%s: down", service->label);
        service_destroy(service);
    }
    daemon_service_gone(daemon);
}

static int on_stop_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    (void) source;
    (void) usec;
    log_info("%s: does not end on SIGTERM, killing it", service->label);
    service_signal(service, SIGKILL);
    return 0;
}

static void cancel_start(struct service *service)
{
    if (service->state == SERVICE_STARTING)
        answer(service, ECANCELED, "was taken down while it started");
}

void service_stop(struct service *service, enum service_state state, int signal)
{
    if (service->update)
        update_abort(service->update);
    service->state = state;
    record_touch(service);
    if (state == SERVICE_STOPPING)
        recovery_stop(service);
    if (!service->tracked) {
        service_gone(service);
        return;
    }
    recovery_signal(service, signal);
    if (daemon_timer(service->daemon, &service->timer, service->daemon->options.stop_ms,
            on_stop_limit, service) < 0)
        service_signal(service, SIGKILL);
}

void service_refresh(struct service *service, struct client *client)
{
    if (service->state == SERVICE_ENDED) {
        client_bind(client, &service->client);
        service_relaunch(service, 0);
    } else if (service->state != SERVICE_RUNNING) {
        client_refuse(client, EBUSY, "the service is %s", service_state_name(service));
    } else if (service->update) {
        client_refuse(client, EBUSY, "an update of this service is running");
    } else {
        client_bind(client, &service->client);
        standby_destroy(service);
        service->refreshing = true;
        service_stop(service, SERVICE_STOPPING, SIGTERM);
    }
}

void service_down(struct service *service, struct client *client)
{
    if (service->refreshing) {
        client_finish(&service->client,
            client_reply_new(ECANCELED, "was taken down while it was started again"));
        service->refreshing = false;
        client_bind(client, &service->client);
        return;
    }
    if (service->state == SERVICE_STOPPING || service->state == SERVICE_FAILED) {
        client_refuse(client, EBUSY, "is being taken down");
        return;
    }
    cancel_start(service);
    client_bind(client, &service->client);
    if (service->state != SERVICE_ENDED) {
        service_stop(service, SERVICE_STOPPING, SIGTERM);
        return;
    }
    char text[LAUNCH_TEXT_MAX];
    snprintf(text, sizeof text, "had ended already: %s", service->end);
    answer(service, 0, text);
    service_destroy(service);
}

bool services_alive(const struct daemon *daemon)
{
    for (struct service *s = daemon->services; s; s = s->next) {
        if (s->state != SERVICE_ENDED)
            return true;
    }
    return false;
}

void services_stop(struct daemon *daemon)
{
    for (struct service *s = daemon->services, *next; s; s = next) {
        next = s->next;
        if (s->state == SERVICE_STARTING || s->state == SERVICE_RUNNING ||
            s->state == SERVICE_RESTARTING) {
            cancel_start(s);
            service_stop(s, SERVICE_STOPPING, SIGTERM);
        }
    }
}

void services_kill(struct daemon *daemon)
{
    for (struct service *s = daemon->services; s; s = s->next) {
        if (s->tracked)
            service_signal(s, SIGKILL);
    }
}

void services_deinit(struct daemon *daemon)
{
    if (daemon->leaving)
        records_write(daemon);
    while (daemon->services)
        service_destroy(daemon->services);
}
