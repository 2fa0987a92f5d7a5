/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What an update tells its client.
 */
#include "update.h"

#include <string.h>

#include <sef/sef.h>

#include "client.h"
#include "json.h"
#include "log.h"
#include "names.h"
#include "service.h"

static json_t *phases(const struct update *update)
{
    json_t *object = json_object();
#define ADD_PHASE(key, field) \
    (void) json_object_set_new(object, key, json_integer((json_int_t) update->stats.field));
    UPDATE_PHASES(ADD_PHASE)
#undef ADD_PHASE
    (void) json_object_set_new(object, "commit", json_integer((json_int_t) update->commit_ns));
    return object;
}

static json_t *counts(const struct update *update)
{
    json_t *object = json_object();
#define ADD_COUNT(key, field) \
    (void) json_object_set_new(object, key, json_integer((json_int_t) update->stats.field));
    UPDATE_COUNTS(ADD_COUNT)
#undef ADD_COUNT
    return object;
}

static json_t *image(const struct update_image *image)
{
    json_t *object = json_pack("{s:s, s:i}", "image", image->path ? image->path : "", "generation",
        (int) image->generation);
    if (image->build_id[0])
        (void) json_object_set_new(object, "build_id", json_string(image->build_id));
    return object;
}

static void log_messages(const struct update *update, const char *key, const char *what)
{
    const json_t *message;
    size_t i;
    json_array_foreach(json_object_get(update->findings, key), i, message)
    {
        log_info("%s: %s: %s", update->service->label, what,
            json_string_value(json_object_get(message, "text")));
    }
}

void update_log(const struct update *update, const char *text)
{
    log_info("%s: update to %s: %s", update->service->label, update->to.path, text);
    log_messages(update, "warnings", "warning");
    log_messages(update, "differences", "difference");
}

json_t *update_describe(const struct update *update)
{
    return json_pack("{s:s, s:s, s:s, s:i, s:i, s:b}", "label", update->service->label, "image",
        update->to.path, "phase", update->check ? "check" : update_phase_name(update->phase),
        "state", update->state, "flags", update->flags, "batch", update->member != NULL);
}

json_t *update_reply(const struct update *update, int result, const char *text)
{
    const struct service *service = update->service;
    json_t *reply = client_reply_new(result, text);
    if (!reply)
        return NULL;
    uint64_t pause = update->stats.ns_pause + update->commit_ns;
    (void) json_object_set_new(reply, "label", json_string(service->label));
    (void) json_object_set_new(reply, "image", json_string(update->to.path));
    (void) json_object_set_new(reply, "rehearsal", json_boolean(update->flags & SEF_LU_REHEARSE));
    (void) json_object_set_new(reply, "verify", json_boolean(update->flags & SEF_LU_VERIFY));
    (void) json_object_set_new(reply, "running", json_boolean(service->tracked));
    (void) json_object_set_new(reply, "pid", json_integer(service->pid));
    (void) json_object_set_new(reply, "generation", json_integer(service->generation));
    (void) json_object_set_new(reply, "pause_ns", json_integer((json_int_t) pause));
    (void) json_object_set_new(reply, "phases_ns", phases(update));
    (void) json_object_set_new(reply, "counts", counts(update));
    (void) json_object_set_new(reply, "from", image(&update->from));
    (void) json_object_set_new(reply, "to", image(&update->to));
    (void) json_object_update(reply, update->findings);
    return reply;
}
