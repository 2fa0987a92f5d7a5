/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The requests of the control protocol: every member checked before anything is done.
 */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sef/sef.h>

#include "client.h"
#include "control.h"
#include "daemon.h"
#include "json.h"
#include "log.h"
#include "multi.h"
#include "names.h"
#include "service.h"
#include "update.h"

enum {
    COMMAND_MAX = 32,
};

/* Members that have a default: absent is fine, wrong is not. */
static int optional(int r)
{
    return r == -ENOENT ? 0 : r;
}

static void refuse_member(struct client *client, int error, const char *key)
{
    const char *what = error == -ENOENT   ? "is missing"
                       : error == -EINVAL ? "has the wrong type"
                       : error == -ERANGE ? "is out of bounds"
                                          : strerror(-error);
    client_refuse(client, error == -ENOMEM ? ENOMEM : EINVAL, "member \"%s\" %s", key, what);
}

static int get_label(const json_t *request, const char **ret)
{
    int r = json_get_string(request, "label", LABEL_MAX, ret);
    return r == 0 && !label_is_valid(*ret) ? -ERANGE : r;
}

static int get_path(const json_t *request, const char *key, const char **ret)
{
    int r = json_get_string(request, key, PATH_MAX - 1, ret);
    return r == 0 && **ret != '/' ? -ERANGE : r;
}

/* ---- up and down ------------------------------------------------------------------------- */

static int set_program(struct service_config *config, const char *image, const char *cwd,
    const char **argv, const char **envp)
{
    int r = service_config_set(&config->image, image);
    if (r == 0)
        r = service_config_set(&config->cwd, cwd);
    if (r == 0)
        r = service_config_set_vector(&config->argv, argv);
    return r ? r
             : service_config_set_vector(&config->env, envp ? envp : (const char *const *) environ);
}

static void run_up(struct daemon *daemon, struct client *client, const json_t *request)
{
    bool own = client_is_own_user(client);
    const char *label, *image, *cwd = "/", **argv = NULL, **envp = NULL, *key = "label";
    struct service_config config;
    int64_t limit = CONFIG_START_MS;
    int r = get_label(request, &label);
    if (r == 0)
        r = get_path(request, key = "image", &image);
    if (r == 0)
        r = json_get_strings(request, key = "args", CONFIG_ARGS_MAX, &argv);
    if (r == 0 && !argv[0])
        r = -ERANGE;
    if (r == 0)
        r = optional(json_get_integer(request, key = "timeout_ms", 1, TIMEOUT_MAX_MS, &limit));
    if (r == 0 && own)
        r = optional(get_path(request, key = "cwd", &cwd));
    if (r == 0 && own)
        r = optional(json_get_strings(request, key = "env", CONFIG_ENV_MAX, &envp));
    service_config_init(&config);
    if (r == 0) {
        config.start_ms = (unsigned) limit;
        r = set_program(&config, image, cwd, argv, envp);
    }
    if (r == 0)
        service_up(daemon, client, label, &config);
    else
        refuse_member(client, r, key);
    service_config_deinit(&config);
    free(argv);
    free(envp);
}

/* The service that a request names; answers the client if there is none. */
static struct service *get_service(
    struct daemon *daemon, struct client *client, const json_t *request)
{
    const char *label;
    int r = get_label(request, &label);
    if (r < 0) {
        refuse_member(client, r, "label");
        return NULL;
    }
    struct service *service = service_find(daemon, label);
    if (!service) {
        char more[DAEMON_TEXT_MAX];
        daemon_explain(daemon, more);
        client_refuse(client, ENOENT, "no such service; %s",
            *more ? more : "sefctl status lists those that there are");
    }
    return service;
}

static void run_down(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = get_service(daemon, client, request);
    if (service)
        service_down(service, client);
}

/* ---- update ------------------------------------------------------------------------------ */

static void run_update(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = get_service(daemon, client, request);
    if (!service)
        return;
    const struct service_config *config = &service->config;
    struct update_request update = { .expression = "",
        .rules = "",
        .prepare_ms = config->prepare_ms,
        .limit_ms = config->start_ms };
    int64_t state = SEF_LU_STATE_WORK_FREE, ms = 0;
    bool rehearse = false, verify = false, explain = false, batch = false;
    const char *key;
    int r = get_path(request, key = "image", &update.image);
    if (r == 0)
        r = optional(
            json_get_integer(request, key = "state", SEF_LU_STATE_NULL + 1, INT_MAX, &state));
    if (r == 0)
        r = optional(json_get_string(
            request, key = "eval", SEF_LU_STATE_EVAL_MAX_LEN - 1, &update.expression));
    if (r == 0)
        r = optional(json_get_integer(request, key = "timeout_ms", 1, TIMEOUT_MAX_MS, &ms));
    if (r == 0)
        r = optional(json_get_boolean(request, key = "rehearse", &rehearse));
    if (r == 0)
        r = optional(json_get_boolean(request, key = "verify", &verify));
    if (r == 0)
        r = optional(json_get_boolean(request, key = "explain", &explain));
    if (r == 0)
        r = optional(json_get_boolean(request, key = "batch", &batch));
    if (r == 0)
        r = optional(json_get_string(request, key = "rules", SEF_WIRE_RULES_MAX, &update.rules));
    if (r < 0) {
        refuse_member(client, r, key);
        return;
    }
    if ((update.expression[0] != '\0') != (state == SEF_LU_STATE_EVAL)) {
        client_refuse(client, EINVAL, "\"eval\" goes with \"state\" %d only, and needs it",
            SEF_LU_STATE_EVAL);
        return;
    }
    update.state = (int) state;
    update.flags = (rehearse ? SEF_LU_REHEARSE : 0) | (verify ? SEF_LU_VERIFY : 0);
    if (ms)
        update.prepare_ms = update.limit_ms = (unsigned) ms;
    if (batch && (explain || rehearse))
        client_refuse(client, EINVAL, "\"batch\" excludes \"explain\" and \"rehearse\"");
    else if (batch)
        multi_queue(service, client, &update);
    else if (multi_exists(daemon) && !explain && !rehearse)
        client_refuse(client, EBUSY,
            "an update of several services is queued or running: upd_run runs it, upd_stop drops "
            "it");
    else
        (explain ? update_explain : update_begin)(service, client, &update);
}

static void run_upd_run(struct daemon *daemon, struct client *client, const json_t *request)
{
    bool no_block = false;
    int r = optional(json_get_boolean(request, "no_block", &no_block));
    if (r < 0)
        refuse_member(client, r, "no_block");
    else
        multi_run(daemon, client, no_block);
}

/* ---- status ------------------------------------------------------------------------------ */

/* The last update, among those of all services without what takes much room: replies are bounded. */
static json_t *last_update(const struct service *service, bool whole)
{
    static const char *const large[] = { "warnings", "differences", "policies", "error" };
    json_t *update = whole ? json_incref(service->last_update) : json_copy(service->last_update);
    for (size_t i = 0; !whole && i < sizeof large / sizeof large[0]; i++)
        (void) json_object_del(update, large[i]);
    return update;
}

static json_t *describe(const struct service *service, bool whole)
{
    bool ended = service->state == SERVICE_ENDED;
    uint64_t uptime =
        ended || service->state == SERVICE_STARTING ? 0 : daemon_now_ns() - service->start_ns;
    json_t *object = json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:I, s:i}", "label", service->label,
        "pid", ended ? 0 : (int) service->pid, "state", service_state_name(service), "endpoint",
        service->endpoint, "generation", (int) service->generation, "image", service->image,
        "uptime_ms", (json_int_t) (uptime / 1000000), "updates", (int) service->updates);
    if (object && ended)
        (void) json_object_set_new(object, "end", json_string(service->end));
    if (object && service->last_update)
        (void) json_object_set_new(object, "last_update", last_update(service, whole));
    return object;
}

static void run_status(struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *only = NULL;
    struct client *slot;
    char text[DAEMON_TEXT_MAX] = "";
    if (json_object_get(request, "label") && !(only = get_service(daemon, client, request)))
        return;
    if (!daemon->services)
        daemon_explain(daemon, text);
    client_bind(client, &slot);
    json_t *reply = client_reply_new(0, text), *services = json_array();
    for (struct service *s = daemon->services; s; s = s->next) {
        if (!only || s == only)
            (void) json_array_append_new(services, describe(s, only));
    }
    (void) json_object_set_new(reply, "services", services);
    client_finish(&slot, reply);
}

static const struct {
    const char *name;
    void (*run)(struct daemon *daemon, struct client *client, const json_t *request);
} commands[] = {
    { "up", run_up },
    { "down", run_down },
    { "update", run_update },
    { "upd_run", run_upd_run },
    { "status", run_status },
};

void command_run(struct daemon *daemon, struct client *client, const json_t *request)
{
    int64_t version;
    const char *name;
    int r = json_get_integer(request, "version", 0, INT_MAX, &version);
    if (r == 0)
        r = json_get_string(request, "command", COMMAND_MAX, &name);
    if (r < 0) {
        client_refuse(
            client, EINVAL, "members \"version\" (a number) and \"command\" (a string) are needed");
        return;
    }
    if (version != CONTROL_VERSION) {
        client_refuse(client, EPROTONOSUPPORT,
            "version %d of the protocol is asked for, this sefd speaks version %d: use the sefctl "
            "of its release",
            (int) version, CONTROL_VERSION);
        return;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(name, commands[i].name) == 0) {
            commands[i].run(daemon, client, request);
            return;
        }
    }
    client_refuse(client, ENOSYS,
        "unknown command \"%s\": this sefd knows up, down, update and status", name);
}
