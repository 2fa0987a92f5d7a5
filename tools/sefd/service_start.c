/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The beginning of a service: spawn, initialisation; and what arrives on its control socket.
 */
#include "service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sef/sef.h>

#include "access.h"
#include "channel.h"
#include "client.h"
#include "daemon.h"
#include "images.h"
#include "log.h"
#include "record.h"
#include "resume.h"
#include "rights.h"
#include "standby.h"
#include "update.h"

/* The start failed: kill what runs; the client is answered when it is gone. */
static void fail_start(struct service *service, int error, const char *text)
{
    service->error = error;
    snprintf(service->text, sizeof service->text, "%s", text);
    service_stop(service, SERVICE_FAILED, SIGKILL);
}

static void on_init_reply(struct service *service, const struct sef_packet *packet)
{
    char text[LAUNCH_TEXT_MAX];
    service->timer = sd_event_source_disable_unref(service->timer);
    if (packet->result != 0) {
        snprintf(text, sizeof text, "its initialisation failed with %d: %.400s", packet->result,
            packet->text[0] ? packet->text : strerror(packet->result));
        fail_start(service, packet->result, text);
        return;
    }
    service->state = SERVICE_RUNNING;
    service->start_ns = daemon_now_ns();
    record_touch(service);
    rights_open(service);
    log_info("%s: up, process %d", service->label, (int) service->pid);
    recovery_started(service, packet->flags);
    service_configured(service);
    json_t *reply = client_reply_new(0, "up");
    if (reply) {
        (void) json_object_set_new(reply, "label", json_string(service->label));
        (void) json_object_set_new(reply, "pid", json_integer(service->pid));
        (void) json_object_set_new(reply, "generation", json_integer(service->generation));
    }
    client_finish(&service->client, reply);
}

static void control_lost(struct service *service, const char *why)
{
    log_debug("%s: control socket lost: %s", service->label, why);
    service_close_control(service);
    if (service->update)
        update_control_lost(service->update);
}

static void dispatch(struct service *service, const struct sef_packet *packet, pid_t sender)
{
    if (service->state == SERVICE_STARTING && packet->type == RS_INIT)
        on_init_reply(service, packet);
    else if (recovery_packet(service, packet, sender))
        return;
    else if (service->update)
        update_packet(service->update, packet, sender);
    else if (packet->type == RS_LU_ROLLBACK)
        service->unconfirmed = false;
    else if (packet->type == RS_LU_PREPARE)
        update_stale_reply(service, packet);
    else
        log_debug("%s: packet 0x%x out of place", service->label, (unsigned) packet->type);
}

/* Returns false if nothing was there. */
static bool take_packet(struct service *service)
{
    struct sef_packet packet;
    pid_t sender;
    int r = channel_receive(service->control, &packet, &sender);
    bool message = r == 1;
    if (message)
        r = ipc_packet(service, (const void *) &packet);
    if (r == 0 && !message) {
        dispatch(service, &packet, sender);
    } else if (r == -EBADMSG || r == -EPROTONOSUPPORT) {
        if (service->bad_packets++ == 0)
            log_error("%s: dropped a malformed packet from process %d", service->label,
                (int) service->pid);
        if (service->bad_packets > SERVICE_BAD_PACKETS_MAX)
            control_lost(service, "too many malformed packets");
    } else if (r < 0 && r != -EAGAIN) {
        control_lost(service, r == -ENODATA ? "closed" : strerror(-r));
    }
    return r != -EAGAIN;
}

/* One packet a turn: the next may find the service gone. */
static int on_control(sd_event_source *source, int fd, uint32_t events, void *data)
{
    struct service *service = data;
    (void) source;
    (void) fd;
    if (events & EPOLLOUT)
        ipc_room(service);
    (void) take_packet(service);
    return 0;
}

void service_hear_out(struct service *service)
{
    while (service->state == SERVICE_STARTING && service->control >= 0 && take_packet(service))
        continue;
}

static int on_start_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    char text[LAUNCH_TEXT_MAX];
    (void) source;
    (void) usec;
    snprintf(text, sizeof text, "%swas not initialised within %u ms; --timeout allows it more",
        service->control < 0 ? "closed its control socket and " : "", service->config.start_ms);
    fail_start(service, ETIMEDOUT, text);
    return 0;
}

struct service *service_new(
    struct daemon *daemon, const char *label, const struct service_config *config)
{
    struct service *service = calloc(1, sizeof *service);
    if (!service)
        return NULL;
    service->daemon = daemon;
    service_config_init(&service->config);
    if (service_config_copy(&service->config, config) < 0 ||
        service_config_set(&service->image, config->image) < 0) {
        service_config_deinit(&service->config);
        free(service);
        return NULL;
    }
    service->restarts = config->restarts;
    snprintf(service->label, sizeof service->label, "%s", label);
    service->pidfd = service->control = -1;
    service->generation = 1;
    service->endpoint = daemon->next_endpoint++;
    struct service **at = &daemon->services;
    while (*at)
        at = &(*at)->next;
    *at = service;
    daemon->n_services++;
    return service;
}

int service_tell(const struct service *service)
{
    struct sef_packet packet;
    channel_packet(&packet, RS_INIT);
    packet.init_type = service->init_type;
    packet.endpoint = service->endpoint;
    packet.flags = service->init_flags;
    packet.restarts = (int) service->restarts;
    int r = channel_set_text(&packet, service->label);
    return r < 0 ? r : channel_send(service->control, &packet);
}

void service_attach(struct service *service, int fd)
{
    if (service->state != SERVICE_STARTING) /* whose time goes on */
        service->timer = sd_event_source_disable_unref(service->timer);
    service->resume.expected = false;
    service->control = fd;
    int r = sd_event_add_io(
        service->daemon->event, &service->control_source, fd, EPOLLIN, on_control, service);
    if (r < 0) {
        control_lost(service, strerror(-r));
        return;
    }
    log_info("%s: process %d came back", service->label, (int) service->pid);
    record_touch(service);
    service_configured(service);
}

struct launch_request service_launch_request(const struct service *service)
{
    const struct service_config *config = &service->config;
    return (struct launch_request) { .resume = resume_path(service->daemon->resume),
        .image = config->image,
        .cwd = config->cwd,
        .argv = (const char *const *) config->argv,
        .envp = (const char *const *) config->env };
}

int service_check_program(const struct service *service, char why[static LAUNCH_TEXT_MAX])
{
    const struct service_config *config = &service->config;
    const struct trust trust = access_trust(service->daemon, config, config->image_asked);
    char text[TRUST_TEXT_MAX];
    int r = trust_program(&trust, config->image, text);
    if (r < 0)
        snprintf(why, LAUNCH_TEXT_MAX, "cannot execute %.200s: %.250s", config->image, text);
    return r;
}

/* A process with a control socket that waits for RS_INIT: the stand-by replica, or a new one. */
static int get_process(struct service *service, pid_t *ret, char *why)
{
    struct standby standby;
    int theirs;
    if (standby_take(service, &standby)) {
        service->control = standby.control;
        *ret = standby.pid;
        return 0;
    }
    int r = service_check_program(service, why);
    if (r < 0)
        return r;
    r = channel_pair(&service->control, &theirs);
    if (r < 0) {
        snprintf(why, LAUNCH_TEXT_MAX, "cannot be started: %s", strerror(-r));
        return r;
    }
    const struct launch_request request = service_launch_request(service);
    r = launch_service(&request, theirs, ret, why);
    close(theirs);
    return r;
}

int service_begin(struct service *service, int type, int flags)
{
    unsigned ms = service->config.start_ms;
    service->state = SERVICE_STARTING;
    service->init_type = type;
    service->init_flags = flags;
    int r = service_tell(service);
    if (r == -EPIPE || r == -ECONNRESET)
        r = 0; /* it has ended already, of which we hear soon */
    if (r >= 0 && !service->control_source)
        r = sd_event_add_io(service->daemon->event, &service->control_source, service->control,
            EPOLLIN, on_control, service);
    if (r >= 0 && ms)
        r = daemon_timer(service->daemon, &service->timer, ms, on_start_limit, service);
    return r < 0 ? r : 0;
}

/* Get and track the process. `why` is set on failure. */
static int launch(struct service *service, int type, int flags, char *why)
{
    pid_t pid;
    int r = get_process(service, &pid, why);
    if (r < 0)
        return r;
    service->sid = pid;
    r = service_track(service, pid);
    if (r == 0) {
        record_write(service); /* before it begins: the next daemon must know of it */
        r = service_begin(service, type, flags);
    }
    if (r < 0) {
        snprintf(why, LAUNCH_TEXT_MAX, "cannot be started: %s", strerror(-r));
        service_untrack(service);
        kill(pid, SIGKILL);
    }
    return r;
}

static int relaunch(struct service *service, int type, int flags, char why[static LAUNCH_TEXT_MAX])
{
    service->relaunched = true;
    if (type == SEF_INIT_RESTART) {
        ipc_restart(service, false);
    } else {
        ipc_close(service);
        service->endpoint = service->daemon->next_endpoint++;
        ipc_open(service);
    }
    service->generation = 1;
    service->previous = 0;
    service->bad_packets = 0;
    service->unconfirmed = false;
    int r = service_config_set(&service->image, service->config.image);
    if (r < 0)
        snprintf(why, LAUNCH_TEXT_MAX, "out of memory");
    else
        r = launch(service, type, flags, why);
    if (r == 0)
        return 0;
    service_close_control(service);
    service->timer = sd_event_source_disable_unref(service->timer);
    log_error("%s: %s", service->label, why);
    return r;
}

int service_launch_again(struct service *service, int type)
{
    char why[LAUNCH_TEXT_MAX];
    return relaunch(service, type, 0, why);
}

void service_relaunch(struct service *service, int flags)
{
    struct daemon *daemon = service->daemon;
    char why[LAUNCH_TEXT_MAX];
    int r = relaunch(service, SEF_INIT_FRESH, flags, why);
    if (r == 0)
        return;
    service->state = SERVICE_ENDED;
    client_finish(&service->client, client_reply_new(-r, why));
    daemon_service_gone(daemon);
}

/* Make sure that a service can begin under a label. One that has ended is forgotten. `why` is set on
 * failure. */
static int make_room(struct daemon *daemon, const char *label, char why[static LAUNCH_TEXT_MAX])
{
    struct service *service = service_find(daemon, label);
    if (service && service->state != SERVICE_ENDED) {
        snprintf(why, LAUNCH_TEXT_MAX, "is %s already", service_state_name(service));
        return -EEXIST;
    }
    if (service)
        service_destroy(service);
    if (daemon->stopping) {
        snprintf(why, LAUNCH_TEXT_MAX, "the daemon is stopping");
        return -ESHUTDOWN;
    }
    if (daemon->n_services >= SERVICES_MAX) {
        snprintf(why, LAUNCH_TEXT_MAX,
            "%d services are the most that one sefd supervises: take one down, or start another "
            "sefd",
            SERVICES_MAX);
        return -ENOSPC;
    }
    return 0;
}

void service_up(struct daemon *daemon, struct client *client, const char *label,
    const struct service_config *config, bool once)
{
    char why[LAUNCH_TEXT_MAX] = "out of memory";
    struct service *service = NULL;
    int r = make_room(daemon, label, why);
    if (r == 0) {
        images_remove_all(daemon, label);
        service = service_new(daemon, label, config);
        if (service) {
            service->once = once;
            service->config.no_restart |= once;
            ipc_open(service);
        }
        r = service ? launch(service, SEF_INIT_FRESH, 0, why) : -ENOMEM;
    }
    if (r == 0 && client) {
        client_bind(client, &service->client);
    } else if (r < 0) {
        if (client)
            client_refuse(client, -r, "%s", why);
        else
            log_error("%s: %s", label, why);
        if (service)
            service_destroy(service);
    }
}
