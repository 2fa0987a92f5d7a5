/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What an update tells its client.
 */
#include "update.h"

#include <sef/sef.h>

#include "client.h"
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

json_t *update_reply(const struct update *update, int result, const char *text)
{
    const struct service *service = update->service;
    json_t *reply = client_reply_new(result, text);
    if (!reply)
        return NULL;
    uint64_t pause = update->stats.ns_pause + update->commit_ns;
    (void) json_object_set_new(reply, "label", json_string(service->label));
    (void) json_object_set_new(reply, "image", json_string(update->image));
    (void) json_object_set_new(reply, "rehearsal", json_boolean(update->flags & SEF_LU_REHEARSE));
    (void) json_object_set_new(reply, "running", json_boolean(service->tracked));
    (void) json_object_set_new(reply, "pid", json_integer(service->pid));
    (void) json_object_set_new(reply, "generation", json_integer(service->generation));
    (void) json_object_set_new(reply, "pause_ns", json_integer((json_int_t) pause));
    (void) json_object_set_new(reply, "phases_ns", phases(update));
    (void) json_object_set_new(reply, "counts", counts(update));
    return reply;
}
