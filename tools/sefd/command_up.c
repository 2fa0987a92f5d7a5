/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting services: up and run, by what the request says or by a unit file; reload.
 */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "access.h"
#include "client.h"
#include "daemon.h"
#include "json.h"
#include "names.h"
#include "service.h"
#include "settings.h"
#include "units.h"

enum { UP_TEXT_MAX = 64 };

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

/* The program of a request. `own`: the client is the daemon's user. */
static int read_program(
    const json_t *request, bool own, struct service_config *config, const char **key)
{
    const char *image, *cwd = "/", **argv = NULL, **envp = NULL;
    int r = command_get_path(request, *key = "image", &image);
    if (r == 0)
        r = json_get_strings(request, *key = "args", CONFIG_ARGS_MAX, &argv);
    if (r == 0 && !argv[0])
        r = -ERANGE;
    if (r == 0 && own)
        r = command_optional(command_get_path(request, *key = "cwd", &cwd));
    if (r == 0 && own)
        r = command_optional(json_get_strings(request, *key = "env", CONFIG_ENV_MAX, &envp));
    if (r == 0)
        r = set_program(config, image, cwd, argv, envp);
    free(argv);
    free(envp);
    return r;
}

/* The configuration of a unit. False when the client was answered. */
static bool read_unit(
    struct daemon *daemon, struct client *client, const char *label, struct service_config *config)
{
    const struct unit *unit = units_find(daemon, label);
    if (!unit)
        client_refuse(client, ENOENT,
            "has no unit file in %s that was read: name an image, or sefctl reload",
            daemon->units_dir);
    else if (!unit->text)
        client_refuse(client, EINVAL, "%s", unit->error ? unit->error : "out of memory");
    else if (!access_service(client, &unit->config))
        access_refuse(client, &unit->config);
    else if (service_config_copy(config, &unit->config) < 0)
        client_refuse(client, ENOMEM, "out of memory");
    else
        return true;
    return false;
}

/* Everything that a request to start says. False when the client was answered. */
static bool read_config(struct daemon *daemon, struct client *client, const json_t *request,
    const char *label, struct service_config *config)
{
    const char *key;
    char why[SETTINGS_TEXT_MAX];
    int64_t limit;
    int r = 0;
    if (!json_object_get(request, "image")) {
        if (!read_unit(daemon, client, label, config))
            return false;
    } else {
        r = read_program(request, client_is_own_user(client), config, &key);
    }
    limit = config->start_ms;
    if (r == 0)
        r = command_optional(
            json_get_integer(request, key = "timeout_ms", 0, TIMEOUT_MAX_MS, &limit));
    config->start_ms = (unsigned) limit;
    const json_t *settings = json_object_get(request, "settings");
    if (r == 0 && settings && !json_is_object(settings)) {
        key = "settings";
        r = -EINVAL;
    }
    if (r < 0) {
        command_refuse_member(client, r, key);
        return false;
    }
    r = settings_apply_all(config, settings, why);
    config->files_asked |= !access_all(client) && settings_name_files(settings);
    if (r < 0)
        client_refuse(client, -r, "%s", why);
    return r == 0;
}

static void start(struct daemon *daemon, struct client *client, const json_t *request, bool once)
{
    const char *label;
    struct service_config config;
    int r = command_get_label(request, &label);
    if (r < 0) {
        command_refuse_member(client, r, "label");
        return;
    }
    const struct service *service = service_find(daemon, label);
    if (service && !access_service(client, &service->config)) {
        access_refuse(client, &service->config);
        return;
    }
    if (json_object_get(request, "image") && !access_all(client)) {
        access_refuse(client, NULL);
        return;
    }
    service_config_init(&config);
    if (read_config(daemon, client, request, label, &config))
        service_up(daemon, client, label, &config, once);
    service_config_deinit(&config);
}

void command_up(struct daemon *daemon, struct client *client, const json_t *request)
{
    start(daemon, client, request, false);
}

void command_run_once(struct daemon *daemon, struct client *client, const json_t *request)
{
    start(daemon, client, request, true);
}

void command_reload(struct daemon *daemon, struct client *client, const json_t *request)
{
    char text[UP_TEXT_MAX];
    json_t *errors = json_array(), *units = json_array();
    struct client *slot;
    (void) request;
    units_load(daemon, errors);
    for (const struct unit *unit = daemon->units; unit; unit = unit->next)
        (void) json_array_append_new(units, json_string(unit->label));
    size_t n_units = json_array_size(units), n_errors = json_array_size(errors);
    snprintf(text, sizeof text, "%zu unit%s, %zu error%s", n_units, n_units == 1 ? "" : "s",
        n_errors, n_errors == 1 ? "" : "s");
    client_bind(client, &slot);
    json_t *reply = client_reply_new(n_errors ? EINVAL : 0, text);
    (void) json_object_set_new(reply, "units", units);
    (void) json_object_set_new(reply, "errors", errors);
    client_finish(&slot, reply);
}
