/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service's record as JSON, and the service that comes of it.
 */
#include "record_json.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon.h"
#include "json.h"
#include "log.h"
#include "process.h"
#include "resume.h"
#include "service.h"
#include "settings.h"
#include "update.h"

/* ---- To JSON ----------------------------------------------------------------------------- */

static json_t *strings(char *const *vector)
{
    json_t *array = json_array();
    for (char *const *s = vector; s && *s; s++)
        (void) json_array_append_new(array, json_stringn(*s, strlen(*s)));
    return array;
}

static json_t *program(const struct service_config *config)
{
    json_t *object = json_object();
    json_set_text(object, "unit", config->unit);
    json_set_text(object, "image", config->image);
    json_set_text(object, "cwd", config->cwd);
    (void) json_object_set_new(object, "args", strings(config->argv));
    (void) json_object_set_new(object, "env", strings(config->env));
    json_set_number(object, "uid", config->uid);
    json_set_number(object, "gid", config->gid);
    (void) json_object_set_new(object, "image_asked", json_boolean(config->image_asked));
    (void) json_object_set_new(object, "files_asked", json_boolean(config->files_asked));
    return object;
}

/* An update whose service may have forked the new version already. */
static json_t *update(const struct update *update)
{
    return json_pack("{s:s, s:i, s:b}", "image", update->to.path, "generation",
        (int) update->to.generation, "asked", update->asked);
}

json_t *record_to_json(const struct service *service)
{
    const struct daemon *daemon = service->daemon;
    json_t *record = json_object();
    if (!record)
        return NULL;
    json_set_number(record, "version", RECORD_VERSION);
    json_set_number(record, "endpoint", (uint64_t) service->endpoint);
    json_set_number(record, "next_endpoint", (uint64_t) daemon->next_endpoint);
    json_set_number(record, "pid", service->tracked ? (uint64_t) service->pid : 0);
    json_set_number(record, "pid_start", service->tracked ? process_start(service->pid) : 0);
    json_set_number(record, "session", (uint64_t) service->sid);
    json_set_number(record, "start_ns", service->start_ns);
    json_set_number(record, "generation", service->generation);
    json_set_number(record, "previous", service->previous);
    json_set_number(record, "serial", service->serial);
    json_set_number(record, "updates", service->updates);
    json_set_number(record, "restarts", service->restarts);
    json_set_number(record, "abilities", (uint64_t) service->recovery.abilities);
    json_set_text(record, "image", service->image);
    json_set_text(record, "images_dir", daemon->images_dir);
    (void) json_object_set_new(record, "ended", json_boolean(service->state == SERVICE_ENDED));
    json_set_text(record, "end", service->end);
    (void) json_object_set_new(record, "program", program(&service->config));
    (void) json_object_set_new(record, "settings", settings_describe(&service->config));
    if (service->update && service->update->phase != UPDATE_PREPARE)
        (void) json_object_set_new(record, "update", update(service->update));
    if (daemon->replacing && service->control >= 0)
        json_set_number(record, "control", (uint64_t) service->control);
    if (service->last_update)
        (void) json_object_set(record, "last_update", service->last_update);
    return record;
}

/* ---- From JSON --------------------------------------------------------------------------- */

/* Copy a member that is a path or text, or absent. */
static int take_string(const json_t *object, const char *key, char **ret)
{
    const char *text;
    int r = json_get_string(object, key, PATH_MAX - 1, &text);
    return r == -ENOENT ? 0 : r < 0 ? r : service_config_set(ret, text);
}

static int take_strings(const json_t *object, const char *key, size_t max, char ***ret)
{
    const char **vector;
    int r = json_get_strings(object, key, max, &vector);
    if (r < 0)
        return r;
    r = service_config_set_vector(ret, vector);
    free(vector);
    return r;
}

static int take_number(const json_t *object, const char *key, int64_t max, int64_t *ret)
{
    return json_get_integer(object, key, 0, max, ret);
}

static int take_program(struct service_config *config, const json_t *record)
{
    const json_t *object = json_object_get(record, "program");
    int64_t uid = 0, gid = 0;
    int r = take_string(object, "unit", &config->unit);
    if (r == 0)
        r = take_string(object, "image", &config->image);
    if (r == 0)
        r = take_string(object, "cwd", &config->cwd);
    if (r == 0)
        r = take_strings(object, "args", CONFIG_ARGS_MAX, &config->argv);
    if (r == 0)
        r = take_strings(object, "env", CONFIG_ENV_MAX, &config->env);
    if (r == 0)
        r = take_number(object, "uid", UINT_MAX, &uid);
    if (r == 0)
        r = take_number(object, "gid", UINT_MAX, &gid);
    config->uid = (uid_t) uid;
    config->gid = (gid_t) gid;
    config->image_asked = json_is_true(json_object_get(object, "image_asked"));
    config->files_asked = json_is_true(json_object_get(object, "files_asked"));
    return r == 0 && !(config->image && config->cwd && config->argv && config->argv[0]) ? -ENOENT
                                                                                        : r;
}

struct numbers {
    int64_t version, endpoint, next_endpoint, pid, pid_start, session, start_ns, generation,
        previous, serial, updates, restarts, abilities;
};

static int take_numbers(const json_t *record, struct numbers *n)
{
    const struct {
        const char *key;
        int64_t max, *ret;
        bool late; /* records without it are good too */
    } wanted[] = {
        { "version", RECORD_VERSION, &n->version, false },
        { "endpoint", INT_MAX - 1, &n->endpoint, false },
        { "next_endpoint", INT_MAX - 1, &n->next_endpoint, false },
        { "pid", INT_MAX, &n->pid, false },
        { "pid_start", INT64_MAX, &n->pid_start, false },
        { "session", INT_MAX, &n->session, false },
        { "start_ns", INT64_MAX, &n->start_ns, false },
        { "generation", INT_MAX, &n->generation, false },
        { "previous", INT_MAX, &n->previous, false },
        { "serial", UINT32_MAX, &n->serial, false },
        { "updates", INT_MAX, &n->updates, false },
        { "restarts", INT_MAX, &n->restarts, true },
        { "abilities", INT_MAX, &n->abilities, true },
    };
    int r = 0;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0] && r == 0; i++) {
        r = take_number(record, wanted[i].key, wanted[i].max, wanted[i].ret);
        if (r == -ENOENT && wanted[i].late)
            r = 0;
    }
    return r == 0 && n->version != RECORD_VERSION ? -EPROTONOSUPPORT : r;
}

/* The new version that an update under way may have made. */
static int take_update(struct service *service, const json_t *record)
{
    const json_t *object = json_object_get(record, "update");
    int64_t generation = 0;
    if (!object)
        return 0;
    int r = take_number(object, "generation", INT_MAX, &generation);
    if (r == 0)
        r = take_string(object, "image", &service->resume.image);
    service->resume.generation = (unsigned) generation;
    service->resume.asked = json_is_true(json_object_get(object, "asked"));
    return r == 0 && !service->resume.image ? -ENOENT : r;
}

static void set_numbers(struct service *service, const struct numbers *n)
{
    struct daemon *daemon = service->daemon;
    service->endpoint = (int) n->endpoint;
    service->sid = (pid_t) n->session;
    service->start_ns = (uint64_t) n->start_ns;
    service->generation = (unsigned) n->generation;
    service->previous = (unsigned) n->previous;
    service->serial = (uint32_t) n->serial;
    service->updates = (unsigned) n->updates;
    service->restarts = (unsigned) n->restarts;
    service->recovery.abilities = (int) n->abilities;
    if (daemon->next_endpoint < n->next_endpoint)
        daemon->next_endpoint = (int) n->next_endpoint;
    if (daemon->next_endpoint <= n->endpoint)
        daemon->next_endpoint = (int) n->endpoint + 1;
}

static int fill(struct service *service, const json_t *record, const struct numbers *n)
{
    const json_t *last = json_object_get(record, "last_update");
    const char *text;
    int r = take_string(record, "image", &service->image);
    if (r == 0)
        r = take_update(service, record);
    if (json_get_string(record, "end", sizeof service->end - 1, &text) == 0)
        strcpy(service->end, text);
    if (json_is_object(last))
        service->last_update = json_deep_copy(last);
    set_numbers(service, n);
    return r == 0 && !service->image ? -ENOENT : r;
}

/* The program before this one left the socket open. It is of no use without the process: what that has left
 * comes by itself. */
static void inherit(struct service *service, const json_t *record)
{
    int64_t fd;
    if (take_number(record, "control", INT_MAX, &fd) != 0 ||
        fcntl((int) fd, F_SETFD, FD_CLOEXEC) < 0)
        return;
    if (!service->tracked) {
        close((int) fd);
        return;
    }
    service_attach(service, (int) fd);
    ipc_inherit(service);
}

int record_from_json(struct daemon *daemon, const char *label, const json_t *record,
    char why[static RECORD_TEXT_MAX])
{
    struct service_config config;
    struct service *service = NULL;
    struct numbers n = { 0 };
    char text[SETTINGS_TEXT_MAX] = "";
    service_config_init(&config);
    int r = take_numbers(record, &n);
    if (r == 0)
        r = take_program(&config, record);
    if (r == 0)
        r = settings_apply_all(&config, json_object_get(record, "settings"), text);
    if (r == 0 && daemon->options.check) {
        service_config_deinit(&config);
        return 0;
    }
    if (r == 0 && !(service = service_new(daemon, label, &config)))
        r = -ENOMEM;
    if (r == 0)
        r = fill(service, record, &n);
    service_config_deinit(&config);
    if (r < 0) {
        snprintf(why, RECORD_TEXT_MAX, "%.200s", text[0] ? text : strerror(-r));
        if (service)
            service_destroy(service);
        return r;
    }
    service->recorded = true;
    bool ended = json_is_true(json_object_get(record, "ended"));
    resume_expect(service, (pid_t) n.pid, (uint64_t) n.pid_start, ended);
    if (daemon->inherited.any && !ended)
        inherit(service, record);
    return 0;
}
