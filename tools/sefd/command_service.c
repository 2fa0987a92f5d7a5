/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Commands to a service that runs.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <sef/requests.h>
#include <sef/sef.h>

#include "access.h"
#include "channel.h"
#include "client.h"
#include "coverage.h"
#include "daemon.h"
#include "service.h"
#include "settings.h"
#include "standby.h"

void command_down(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_get_service(daemon, client, request);
    if (service)
        service_down(service, client);
}

void command_refresh(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_get_service(daemon, client, request);
    if (service)
        service_refresh(service, client);
}

/* Historic: only the recovery script of a service may ask for it, when it did what had to be done before
 * the restart. */
void command_restart(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_get_service(daemon, client, request);
    if (!service)
        return;
    if (service->state != SERVICE_ENDED) {
        client_refuse(client, EPERM,
            "is %s: restart is for the recovery script of a service that ended; see refresh",
            service_state_name(service));
    } else if (!service->config.script) {
        client_refuse(client, EPERM, "has no recovery script: see up");
    } else {
        client_bind(client, &service->client);
        service->restarts++;
        service->recovery.last.outcome = "restarted by its recovery script";
        service_relaunch(service, SEF_INIT_SCRIPT_RESTART);
    }
}

/* ---- Stand-by replica -------------------------------------------------------------------- */

void command_clone(struct daemon *daemon, struct client *client, const json_t *request)
{
    char why[LAUNCH_TEXT_MAX];
    struct service *service = command_get_service(daemon, client, request);
    if (!service)
        return;
    int r = -ESRCH;
    if (service->state != SERVICE_RUNNING)
        snprintf(why, sizeof why, "the service is %s", service_state_name(service));
    else
        r = standby_create(service, why);
    if (r < 0) {
        client_refuse(client, -r, "%s", why);
        return;
    }
    service->config.standby = true;
    snprintf(why, sizeof why, "cloned: process %d stands by", (int) service->standby->pid);
    command_answer(client, service->label, why);
}

void command_unclone(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_get_service(daemon, client, request);
    if (!service)
        return;
    if (!service->standby && !service->config.standby) {
        client_refuse(client, ESRCH, "has no stand-by replica");
        return;
    }
    service->config.standby = false;
    standby_destroy(service);
    command_answer(client, service->label, "uncloned");
}

/* ---- Others ------------------------------------------------------------------------------ */

void command_edit(struct daemon *daemon, struct client *client, const json_t *request)
{
    char why[SETTINGS_TEXT_MAX];
    struct client *slot;
    struct service *service = command_get_service(daemon, client, request);
    if (!service)
        return;
    const json_t *settings = json_object_get(request, "settings");
    if (!json_is_object(settings)) {
        command_refuse_member(client, settings ? -EINVAL : -ENOENT, "settings");
        return;
    }
    int r = service_edit(service, settings, !access_all(client), why);
    if (r < 0) {
        client_refuse(client, -r, "%s", why);
        return;
    }
    client_bind(client, &slot);
    json_t *reply = client_reply_new(0, "edited");
    (void) json_object_set_new(reply, "label", json_string(service->label));
    (void) json_object_set_new(reply, "settings", settings_describe(&service->config));
    client_finish(&slot, reply);
}

void command_fi(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct sef_packet packet;
    struct service *service = command_get_service(daemon, client, request);
    if (!service)
        return;
    if (service->state != SERVICE_RUNNING || service->control < 0) {
        client_refuse(client, ESRCH, "the service is %s, or closed its control socket",
            service_state_name(service));
        return;
    }
    channel_packet(&packet, RS_FI);
    packet.endpoint = service->endpoint;
    packet.state = SEF_FI_CRASH;
    int r = channel_send(service->control, &packet);
    if (r < 0)
        client_refuse(client, -r, "the service does not read its control socket: %s", strerror(-r));
    else
        command_answer(client, service->label, "asked for a controlled crash");
}

void command_gcov(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_get_service(daemon, client, request);
    if (service)
        coverage_ask(service, client);
}

void command_shutdown(struct daemon *daemon, struct client *client, const json_t *request)
{
    (void) request;
    command_answer(client, NULL, "shutting down");
    daemon_stop(daemon);
}
