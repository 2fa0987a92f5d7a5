/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Updates: update, and upd_run, upd_stop and upd_status of what is queued or runs.
 */
#include "commands.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "access.h"
#include "client.h"
#include "daemon.h"
#include "json.h"
#include "multi.h"
#include "names.h"
#include "replace.h"
#include "rerandomize.h"
#include "service.h"
#include "update.h"

/* Booleans of a request that are flags of the update. */
static const struct {
    const char *key;
    int flag;
} flags[] = {
    { "self", SEF_LU_SELF },
    { "rehearse", SEF_LU_REHEARSE },
    { "verify", SEF_LU_VERIFY },
    { "prepare_only", SEF_LU_PREPARE_ONLY },
    { "no_mmap", SEF_LU_NOMMAP },
    { "asr", SEF_LU_ASR },
    { "force_transfer", SEF_INIT_ST },
    { "default_callbacks", SEF_INIT_DEFCB },
    { "debug_crash", SEF_INIT_CRASH },
    { "debug_fail", SEF_INIT_FAIL },
    { "debug_timeout", SEF_INIT_TIMEOUT },
};

static int read_flags(const json_t *request, int *ret, const char **key)
{
    *ret = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        bool set = false;
        int r = command_optional(json_get_boolean(request, *key = flags[i].key, &set));
        if (r < 0)
            return r;
        *ret |= set ? flags[i].flag : 0;
    }
    return 0;
}

/* State and expression; those of the service's configuration if the request names neither. */
static int read_state(const json_t *request, struct update_request *update, const char **key)
{
    int64_t state = update->state;
    const char *expression = "";
    if (json_object_get(request, "state"))
        update->expression = "";
    int r = command_optional(
        json_get_integer(request, *key = "state", SEF_LU_STATE_NULL + 1, INT_MAX, &state));
    if (r == 0)
        r = command_optional(
            json_get_string(request, *key = "eval", SEF_LU_STATE_EVAL_MAX_LEN - 1, &expression));
    update->state = (int) state;
    if (*expression)
        update->expression = expression;
    return r;
}

static int read_limits(const json_t *request, struct update_request *update, const char **key)
{
    int64_t ms, bytes = (int64_t) update->prealloc;
    int r = json_get_integer(request, *key = "timeout_ms", 0, TIMEOUT_MAX_MS, &ms);
    if (r == 0)
        update->prepare_ms = update->limit_ms = (unsigned) ms;
    r = command_optional(r);
    if (r == 0)
        r = command_optional(
            json_get_integer(request, *key = "prealloc", 0, (int64_t) CONFIG_PREALLOC_MAX, &bytes));
    update->prealloc = (size_t) bytes;
    if (r == 0)
        r = command_optional(json_get_integer(
            request, *key = "asr_count", 0, CONFIG_RESTARTS_MAX, &update->asr_count));
    return r;
}

/* The image: a path, or with "self" or "prepare_only" the one that runs. */
static int read_image(const json_t *request, const struct service *service,
    struct update_request *update, const char **key)
{
    *key = "image";
    if (update->flags & (SEF_LU_SELF | SEF_LU_PREPARE_ONLY) && !json_object_get(request, *key)) {
        update->image = service->image;
        return 0;
    }
    int r = update->flags & SEF_LU_SELF ? -EINVAL : command_get_path(request, *key, &update->image);
    return r == 0 && update->asked && update->file < 0 ? -EACCES : r;
}

static int read_update(const json_t *request, const struct service *service,
    struct update_request *update, const char **key)
{
    int r = read_flags(request, &update->flags, key);
    if (r == 0)
        r = read_image(request, service, update, key);
    if (r == 0)
        r = read_state(request, update, key);
    if (r == 0)
        r = read_limits(request, update, key);
    if (r == 0)
        r = command_optional(
            json_get_string(request, *key = "rules", SEF_WIRE_RULES_MAX, &update->rules));
    return r;
}

/* Lists of messages that wait meanwhile; the caller frees the vectors. */
static int read_lists(const json_t *request, const char ***black, const char ***white,
    struct update_request *update, const char **key)
{
    int r = command_optional(
        json_get_strings(request, *key = "ipc_blacklists", CONFIG_ARGS_MAX, black));
    if (r == 0)
        r = command_optional(
            json_get_strings(request, *key = "ipc_whitelists", CONFIG_ARGS_MAX, white));
    update->blacklists = *black;
    update->whitelists = *white;
    return r;
}

/* What excludes each other. Returns NULL if all is well. */
static const char *conflict(const struct update_request *update, bool explain, bool batch)
{
    bool rehearse = update->flags & SEF_LU_REHEARSE, only = update->flags & SEF_LU_PREPARE_ONLY;
    if ((update->expression[0] != '\0') != (update->state == SEF_LU_STATE_EVAL))
        return "\"eval\" goes with \"state\" 4 only, and needs it";
    if (batch && (explain || rehearse))
        return "\"batch\" excludes \"explain\" and \"rehearse\"";
    if (only && (explain || rehearse))
        return "\"prepare_only\" excludes \"explain\" and \"rehearse\"";
    return NULL;
}

/* True if the request is for the daemon itself, which is done then. */
static bool update_daemon(struct daemon *daemon, struct client *client, const json_t *request)
{
    const char *label, *image;
    if (command_get_label(request, &label) < 0 || strcmp(label, "sefd") != 0 ||
        service_find(daemon, label))
        return false;
    int r = command_get_path(request, "image", &image);
    if (!access_all(client))
        access_refuse(client, NULL);
    else if (r < 0)
        command_refuse_member(client, r, "image");
    else
        replace_begin(daemon, client, image);
    return true;
}

void command_update(struct daemon *daemon, struct client *client, const json_t *request)
{
    if (update_daemon(daemon, client, request))
        return;
    struct service *service = command_get_service(daemon, client, request);
    if (!service)
        return;
    const struct service_config *config = &service->config;
    struct update_request update = { .expression = config->expression ? config->expression : "",
        .rules = "",
        .state = config->state,
        .prepare_ms = config->prepare_ms,
        .limit_ms = config->start_ms,
        .prealloc = config->prealloc,
        .asr_count = -1,
        .file = client_file(client),
        .asked = !access_all(client) };
    bool explain = false, batch = false;
    const char *key, **black = NULL, **white = NULL;
    int r = read_update(request, service, &update, &key);
    if (r == 0)
        r = read_lists(request, &black, &white, &update, &key);
    if (r == 0)
        r = command_optional(json_get_boolean(request, key = "explain", &explain));
    if (r == 0)
        r = command_optional(json_get_boolean(request, key = "batch", &batch));
    const char *text = r == 0 ? conflict(&update, explain, batch) : NULL;
    if (r < 0)
        command_refuse_member(client, r, key);
    else if (text)
        client_refuse(client, EINVAL, "%s", text);
    else if (batch && !access_all(client))
        access_refuse(client, NULL);
    else if (batch)
        multi_queue(service, client, &update);
    else if (multi_exists(daemon) && !explain && !(update.flags & SEF_LU_REHEARSE))
        client_refuse(client, EBUSY,
            "an update of several services is queued or running: upd_run runs it, upd_stop drops "
            "it");
    else
        (explain ? update_explain : update_begin)(service, client, &update);
    free(black);
    free(white);
}

void command_rerandomize(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_get_service(daemon, client, request);
    if (service)
        rerandomize_begin(service, client);
}

/* ---- What is queued or runs -------------------------------------------------------------- */

void command_upd_run(struct daemon *daemon, struct client *client, const json_t *request)
{
    bool no_block = false;
    int r = command_optional(json_get_boolean(request, "no_block", &no_block));
    if (r < 0)
        command_refuse_member(client, r, "no_block");
    else
        multi_run(daemon, client, no_block);
}

void command_upd_status(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct client *slot;
    json_t *updates = json_array();
    (void) request;
    for (const struct service *s = daemon->services; s; s = s->next) {
        if (s->update)
            (void) json_array_append_new(updates, update_describe(s->update));
    }
    client_bind(client, &slot);
    json_t *reply = client_reply_new(0, "");
    (void) json_object_set_new(reply, "updates", updates);
    (void) json_object_set_new(reply, "queue", multi_status(daemon));
    client_finish(&slot, reply);
}

void command_upd_stop(struct daemon *daemon, struct client *client, const json_t *request)
{
    static const char why[] = "stopped by upd_stop";
    struct service *only = NULL;
    char text[64];
    if (json_object_get(request, "label") && !(only = command_get_service(daemon, client, request)))
        return;
    bool all = !only || (only->update && update_is_member(only->update));
    if (all && !access_all(client)) {
        access_refuse(client, NULL);
        return;
    }
    size_t n = all ? multi_stop(daemon) : 0;
    for (struct service *s = daemon->services, *next; s; s = next) {
        next = s->next;
        if (s->update && !update_is_member(s->update) && (!only || s == only))
            n += update_stop(s->update, EINTR, why);
    }
    if (n == 0) {
        client_refuse(client, ENOENT, "no update that can be stopped is queued or running");
        return;
    }
    snprintf(text, sizeof text, "stopped %zu update%s", n, n == 1 ? "" : "s");
    command_answer(client, only ? only->label : NULL, text);
}
