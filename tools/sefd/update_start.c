/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The beginning of an update: what can be refused before the service is disturbed.
 */
#include "update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "channel.h"
#include "client.h"
#include "multi.h"
#include "preflight.h"
#include "service.h"

int update_refusal(const struct service *service, char why[static UPDATE_TEXT_MAX])
{
    const struct {
        bool refuses;
        int error;
        const char *text;
    } reasons[] = {
        { service->state == SERVICE_ENDED, ESRCH, "the service is not running: it " },
        { service->state != SERVICE_RUNNING, ESRCH, "the service is " },
        { service->unconfirmed, EBUSY,
            "the service has not confirmed the rollback of an earlier update: try again later, or "
            "take it down and up" },
        { service->update, EBUSY, "another update of this service is running" },
        { service->control < 0, ENOTCONN,
            "the service closed its control socket; it can be updated again after down and up" },
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (!reasons[i].refuses)
            continue;
        snprintf(why, UPDATE_TEXT_MAX, "%s%s", reasons[i].text,
            reasons[i].error != ESRCH         ? ""
            : service->state == SERVICE_ENDED ? service->end
                                              : service_state_name(service));
        return reasons[i].error;
    }
    return 0;
}

static struct update *update_new(struct service *service, const struct update_request *request)
{
    struct update *update = calloc(1, sizeof *update);
    if (!update)
        return NULL;
    update->from.path = strdup(service->image);
    update->to.path = strdup(request->image);
    update->expression = strdup(request->expression);
    if (!update->from.path || !update->to.path || !update->expression) {
        free(update->from.path);
        free(update->to.path);
        free(update->expression);
        free(update);
        return NULL;
    }
    update->service = service;
    update->from.generation = service->generation;
    update->to.generation = service->generation + 1;
    update->state = request->state;
    update->flags = request->flags;
    update->prepare_ms = request->prepare_ms;
    update->limit_ms = request->limit_ms;
    update->prealloc = request->prealloc;
    update->asr_count = request->asr_count;
    update->asked = request->asked;
    service->update = update;
    return update;
}

int update_ask(struct update *update, unsigned ms)
{
    struct sef_packet packet;
    channel_packet(&packet, RS_LU_PREPARE);
    update->serial = ++update->service->serial;
    packet.endpoint = update->service->endpoint;
    packet.flags = update->flags;
    packet.state = update->state;
    packet.serial = update->serial;
    packet.limit_ms = update->ready_ms;
    int r = channel_set_text(&packet, update->expression);
    if (r == 0)
        r = channel_send(update->service->control, &packet);
    if (r == 0) {
        ipc_filter(update->service, update->filters);
        update_enter(update, UPDATE_PREPARE, ms);
    }
    return r;
}

struct update *update_create(struct service *service, const struct update_request *request,
    int *error, char why[static UPDATE_TEXT_MAX])
{
    char text[PREFLIGHT_TEXT_MAX];
    *error = update_refusal(service, why);
    if (*error)
        return NULL;
    struct update *update = update_new(service, request);
    if (!update) {
        *error = ENOMEM;
        snprintf(why, UPDATE_TEXT_MAX, "out of memory");
        return NULL;
    }
    int r = ipc_filters_read(
        service->daemon, request->blacklists, request->whitelists, &update->filters, text);
    if (r == 0 && !(update->flags & SEF_LU_PREPARE_ONLY))
        r = update_check(update, request, text);
    if (r < 0) {
        *error = -r;
        snprintf(why, UPDATE_TEXT_MAX, UPDATE_REFUSED "%s", text);
    }
    return update;
}

/* Alone: nobody waits but the client. */
static void ask_alone(struct update *update)
{
    int r = update_ask(update, update->prepare_ms);
    if (r < 0)
        update_finish(update, -r, "the service does not read its control socket: %s", strerror(-r));
}

void update_checked(struct update *update)
{
    if (update->control_lost)
        return; /* it is ending */
    if (update->member)
        multi_checked(update->member);
    else
        ask_alone(update);
}

void update_begin(
    struct service *service, struct client *client, const struct update_request *request)
{
    char why[UPDATE_TEXT_MAX];
    int error;
    struct update *update = update_create(service, request, &error, why);
    if (!update) {
        client_refuse(client, error, "%s", why);
        return;
    }
    client_bind(client, &update->client);
    if (error) {
        update_finish(update, error, "%s", why);
        return;
    }
    if (!update->check)
        ask_alone(update);
}
