/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The requests of the control protocol: which command, and what all commands share.
 */
#include "command.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "access.h"
#include "client.h"
#include "commands.h"
#include "control.h"
#include "daemon.h"
#include "json.h"
#include "names.h"
#include "service.h"

enum { COMMAND_MAX = 32 };

int command_optional(int r)
{
    return r == -ENOENT ? 0 : r;
}

void command_refuse_member(struct client *client, int error, const char *key)
{
    const char *what = error == -ENOENT   ? "is missing"
                       : error == -EINVAL ? "has the wrong type"
                       : error == -ERANGE ? "is out of bounds"
                       : error == -EACCES ? "names a file that was not sent along, open for reading"
                                          : strerror(-error);
    client_refuse(client, error == -ENOMEM || error == -EACCES ? -error : EINVAL,
        "member \"%s\" %s", key, what);
}

int command_get_label(const json_t *request, const char **ret)
{
    int r = json_get_string(request, "label", LABEL_MAX, ret);
    return r == 0 && !label_is_valid(*ret) ? -ERANGE : r;
}

int command_get_path(const json_t *request, const char *key, const char **ret)
{
    int r = json_get_string(request, key, PATH_MAX - 1, ret);
    return r == 0 && **ret != '/' ? -ERANGE : r;
}

struct service *command_find_service(
    struct daemon *daemon, struct client *client, const json_t *request)
{
    const char *label;
    int r = command_get_label(request, &label);
    if (r < 0) {
        command_refuse_member(client, r, "label");
        return NULL;
    }
    struct service *service = service_find(daemon, label);
    if (!service)
        client_refuse(client, ENOENT, "no such service; sefctl status lists those that there are");
    return service;
}

struct service *command_get_service(
    struct daemon *daemon, struct client *client, const json_t *request)
{
    struct service *service = command_find_service(daemon, client, request);
    if (!service || access_service(client, &service->config))
        return service;
    access_refuse(client, &service->config);
    return NULL;
}

void command_answer(struct client *client, const char *label, const char *text)
{
    struct client *slot;
    client_bind(client, &slot);
    json_t *reply = client_reply_new(0, text);
    if (reply && label)
        (void) json_object_set_new(reply, "label", json_string(label));
    client_finish(&slot, reply);
}

static const struct {
    const char *name;
    void (*run)(struct daemon *daemon, struct client *client, const json_t *request);
    bool masters; /**< for them alone; other commands check by themselves what they do */
} commands[] = {
    { "up", command_up, false },
    { "run", command_run_once, false },
    { "down", command_down, false },
    { "refresh", command_refresh, false },
    { "restart", command_restart, false },
    { "clone", command_clone, false },
    { "unclone", command_unclone, false },
    { "edit", command_edit, false },
    { "update", command_update, false },
    { "rerandomize", command_rerandomize, false },
    { "upd_run", command_upd_run, true },
    { "upd_status", command_upd_status, false },
    { "upd_stop", command_upd_stop, false },
    { "fi", command_fi, false },
    { "gcov", command_gcov, false },
    { "status", command_status, false },
    { "srv_status", command_status, false },
    { "reload", command_reload, true },
    { "shutdown", command_shutdown, true },
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
        if (strcmp(name, commands[i].name) != 0)
            continue;
        if (commands[i].masters && !access_all(client))
            access_refuse(client, NULL);
        else
            commands[i].run(daemon, client, request);
        return;
    }
    client_refuse(client, ENOSYS, "unknown command \"%s\": see docs/control-protocol.md", name);
}
