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
#include "images.h"
#include "preflight.h"
#include "service.h"

bool update_is_refused(const struct service *service, struct client *client)
{
    if (service->update)
        client_refuse(client, EBUSY, "another update of this service is running");
    else if (service->state == SERVICE_ENDED)
        client_refuse(client, ESRCH, "the service is not running: it %s", service->end);
    else if (service->state != SERVICE_RUNNING)
        client_refuse(client, ESRCH, "the service is %s", service_state_name(service));
    else if (service->unconfirmed)
        client_refuse(client, EBUSY,
            "the service has not confirmed the rollback of an earlier update: try again later, or "
            "take it down and up");
    else if (service->control < 0)
        client_refuse(client, ENOTCONN,
            "the service closed its control socket; it can be updated again after down and up");
    else
        return false;
    return true;
}

static struct update *update_new(
    struct service *service, struct client *client, const struct update_request *request)
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
    update->serial = ++service->serial;
    update->flags = request->flags;
    update->prepare_ms = request->prepare_ms;
    update->limit_ms = request->limit_ms;
    service->update = update;
    client_bind(client, &update->client);
    return update;
}

static int send_prepare(struct update *update)
{
    struct sef_packet packet;
    channel_packet(&packet, RS_LU_PREPARE);
    packet.endpoint = update->service->endpoint;
    packet.flags = update->flags;
    packet.state = update->state;
    packet.serial = update->serial;
    int r = channel_set_text(&packet, update->expression);
    return r < 0 ? r : channel_send(update->service->control, &packet);
}

/* What the service will read: the image and the rules. Both paths go into lines of a request. */
static int copy_files(
    struct update *update, const struct update_request *request, char why[static IMAGES_TEXT_MAX])
{
    const struct service *service = update->service;
    unsigned generation = update->to.generation;
    int r =
        images_copy(service->daemon, service->label, generation, request->image, update->copy, why);
    if (r == 0 && strchr(update->copy, '\n')) {
        snprintf(why, IMAGES_TEXT_MAX, "the path of an image must not have a newline");
        return -EINVAL;
    }
    if (r == 0 && request->rules[0])
        r = images_rules(
            service->daemon, service->label, generation, request->rules, update->rules, why);
    return r;
}

void update_begin(
    struct service *service, struct client *client, const struct update_request *request)
{
    if (update_is_refused(service, client))
        return;
    struct update *update = update_new(service, client, request);
    if (!update) {
        client_refuse(client, ENOMEM, "out of memory");
        return;
    }
    char why[PREFLIGHT_TEXT_MAX];
    int r = copy_files(update, request, why);
    if (r == 0)
        r = preflight(service, update->copy, request->image, request->rules,
            update->flags & SEF_LU_REHEARSE ? &update->diff : NULL, why);
    if (r < 0) {
        update_finish(update, -r, "refused before the service was disturbed: %s", why);
        return;
    }
    update->same_image = images_same(service, update->copy);
    images_build_ids(service, update->copy, update->from.build_id, update->to.build_id);
    r = send_prepare(update);
    if (r < 0)
        update_finish(update, -r, "the service does not read its control socket: %s", strerror(-r));
    else
        update_enter(update, UPDATE_PREPARE, request->prepare_ms);
}
