/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the services are: status.
 */
#include "commands.h"

#include "access.h"
#include "client.h"
#include "daemon.h"
#include "json.h"
#include "service.h"
#include "settings.h"
#include "standby.h"

/* The last update, among those of all services without what takes much room: replies are bounded. */
static json_t *last_update(const struct service *service, bool whole)
{
    static const char *const large[] = { "warnings", "differences", "policies", "error" };
    json_t *update = whole ? json_incref(service->last_update) : json_copy(service->last_update);
    for (size_t i = 0; !whole && i < sizeof large / sizeof large[0]; i++)
        (void) json_object_del(update, large[i]);
    return update;
}

/* `open`: to who may control the service. Where things are in its memory is not for others. */
static json_t *describe(const struct service *service, bool whole, bool open)
{
    bool ended = service->state == SERVICE_ENDED;
    uint64_t uptime =
        ended || service->state == SERVICE_STARTING || service->state == SERVICE_RESTARTING
            ? 0
            : daemon_now_ns() - service->start_ns;
    json_t *object = json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:I, s:i}", "label", service->label,
        "pid", service->tracked ? (int) service->pid : 0, "state", service_state_name(service),
        "endpoint", service->endpoint, "generation", (int) service->generation, "image",
        service->image, "uptime_ms", (json_int_t) (uptime / 1000000), "updates",
        (int) service->updates);
    if (object && service->config.variants)
        (void) json_object_set_new(
            object, "asr_count", json_integer((json_int_t) service->config.asr_count));
    (void) json_object_set_new(object, "restarts", json_integer(service->restarts));
    (void) json_object_set_new(
        object, "standby", json_integer(service->standby ? service->standby->pid : 0));
    if (service->config.unit)
        (void) json_object_set_new(object, "unit", json_text(service->config.unit));
    if (whole && open)
        (void) json_object_set_new(object, "settings", settings_describe(&service->config));
    if (object && ended)
        (void) json_object_set_new(object, "end", json_string(service->end));
    if (object && !ended)
        ipc_describe(service, object);
    if (object && open)
        recovery_describe(service, object);
    if (object && open && service->last_update)
        (void) json_object_set_new(object, "last_update", last_update(service, whole));
    return object;
}

void command_status(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *only = NULL;
    struct client *slot;
    if (json_object_get(request, "label") &&
        !(only = command_find_service(daemon, client, request)))
        return;
    client_bind(client, &slot);
    json_t *reply = client_reply_new(0, ""), *services = json_array();
    for (struct service *s = daemon->services; s; s = s->next) {
        if (!only || s == only)
            (void) json_array_append_new(
                services, describe(s, only, access_service(client, &s->config)));
    }
    (void) json_object_set_new(reply, "services", services);
    client_finish(&slot, reply);
}
