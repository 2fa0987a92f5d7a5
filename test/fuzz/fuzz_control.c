/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzz target: what a client of the control socket sends, up to the operations, which only check that
 * they were handed what the protocol promises. Each request is answered once.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sef/sef.h>

#include "access.h"
#include "channel.h"
#include "client.h"
#include "commands.h"
#include "command.h"
#include "control.h"
#include "daemon.h"
#include "ipc.h"
#include "json.h"
#include "multi.h"
#include "names.h"
#include "recovery.h"
#include "rerandomize.h"
#include "service.h"
#include "settings.h"
#include "standby.h"
#include "units.h"
#include "update.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The daemon's other parts as they look to command.c. */
struct client {
    bool own_user, master, owner;
    unsigned answers;
};

static char image[] = "/srv/web";
static struct service service = {
    .label = "web",
    .image = image,
    .config = { .state = SEF_LU_STATE_WORK_FREE,
        .prepare_ms = CONFIG_PREPARE_MS,
        .start_ms = CONFIG_START_MS },
};

static void promise(bool kept)
{
    if (!kept)
        abort();
}

static void is_path(const char *path)
{
    promise(path && path[0] == '/' && strlen(path) < PATH_MAX);
}

bool client_is_own_user(const struct client *client)
{
    return client->own_user;
}

int client_file(const struct client *client)
{
    return client->master ? -1 : 0;
}

bool access_all(const struct client *client)
{
    return client->master;
}

bool access_service(const struct client *client, const struct service_config *config)
{
    promise(config);
    return client->master || client->owner;
}

void access_refuse(struct client *client, const struct service_config *config)
{
    promise(!client->master && (!client->owner || !config));
    client->answers++;
}

void client_bind(struct client *client, struct client **slot)
{
    *slot = client;
}

json_t *client_reply_new(int result, const char *text)
{
    return json_pack("{s:i, s:o}", "result", result, "text", json_text(text));
}

void client_finish(struct client **slot, json_t *reply)
{
    promise(reply && json_is_string(json_object_get(reply, "text")));
    (*slot)->answers++;
    json_decref(reply);
}

void client_refuse(struct client *client, int error, const char *format, ...)
{
    char text[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    promise(error > 0 && text[0]);
    client->answers++;
}

void service_up(struct daemon *daemon, struct client *client, const char *label,
    const struct service_config *config, bool once)
{
    (void) daemon;
    (void) once;
    promise(label_is_valid(label) && config->start_ms <= TIMEOUT_MAX_MS);
    is_path(config->image);
    is_path(config->cwd);
    promise(config->argv && config->argv[0] && config->env);
    client->answers++;
}

void service_down(struct service *which, struct client *client)
{
    promise(which == &service);
    client->answers++;
}

struct service *service_find(struct daemon *daemon, const char *label)
{
    (void) daemon;
    promise(label_is_valid(label));
    return strcmp(label, service.label) == 0 ? &service : NULL;
}

const char *service_state_name(const struct service *which)
{
    (void) which;
    return "running";
}

void update_begin(
    struct service *which, struct client *client, const struct update_request *request)
{
    promise(which == &service && request->state > SEF_LU_STATE_NULL);
    is_path(request->image);
    promise(strlen(request->expression) < SEF_LU_STATE_EVAL_MAX_LEN);
    promise((request->state == SEF_LU_STATE_EVAL) == (request->expression[0] != '\0'));
    promise(request->prepare_ms <= TIMEOUT_MAX_MS && request->limit_ms <= TIMEOUT_MAX_MS);
    promise(request->prealloc <= CONFIG_PREALLOC_MAX && request->asr_count >= -1);
    client->answers++;
}

void update_explain(
    struct service *which, struct client *client, const struct update_request *request)
{
    update_begin(which, client, request);
}

void ipc_describe(const struct service *which, json_t *object)
{
    (void) which;
    (void) object;
}

void recovery_describe(const struct service *which, json_t *object)
{
    (void) which;
    (void) object;
}

void rerandomize_begin(struct service *which, struct client *client)
{
    promise(which == &service);
    client->answers++;
}

void replace_begin(struct daemon *daemon, struct client *client, const char *path)
{
    (void) daemon;
    is_path(path);
    client->answers++;
}

void multi_queue(struct service *which, struct client *client, const struct update_request *request)
{
    update_begin(which, client, request);
}

void multi_run(struct daemon *daemon, struct client *client, bool no_block)
{
    (void) daemon;
    (void) no_block;
    client->answers++;
}

void service_refresh(struct service *which, struct client *client)
{
    service_down(which, client);
}

void service_relaunch(struct service *which, int flags)
{
    promise(which == &service && flags == SEF_INIT_SCRIPT_RESTART);
    service.client->answers++;
}

int service_edit(
    struct service *which, const json_t *settings, bool asked, char why[static SETTINGS_TEXT_MAX])
{
    struct service_config config;

    (void) asked;
    service_config_init(&config);
    promise(service_config_copy(&config, &which->config) == 0);
    int r = settings_apply_all(&config, settings, why);
    service_config_deinit(&config);
    return r;
}

int standby_create(struct service *which, char why[static LAUNCH_TEXT_MAX])
{
    (void) which;
    strcpy(why, "none here");
    return -EEXIST;
}

void standby_destroy(struct service *which)
{
    (void) which;
}

void units_load(struct daemon *daemon, json_t *errors)
{
    promise(daemon && json_is_array(errors));
}

struct unit *units_find(const struct daemon *daemon, const char *label)
{
    (void) daemon;
    promise(label_is_valid(label));
    return NULL;
}

void daemon_stop(struct daemon *daemon)
{
    (void) daemon;
}

void channel_packet(struct sef_packet *packet, int type)
{
    *packet = (struct sef_packet) { .type = type };
}

int channel_send(int fd, const struct sef_packet *packet)
{
    promise(fd == service.control && packet->type == RS_FI);
    return 0;
}

void coverage_ask(struct service *which, struct client *client)
{
    promise(which == &service);
    command_answer(client, which->label, "");
}

bool update_is_member(const struct update *update)
{
    return update;
}

bool update_stop(struct update *update, int result, const char *text)
{
    return update && result && text;
}

json_t *update_describe(const struct update *update)
{
    return update ? json_object() : NULL;
}

size_t multi_stop(struct daemon *daemon)
{
    return daemon->multi ? 1 : 0;
}

json_t *multi_status(const struct daemon *daemon)
{
    return daemon->multi ? NULL : json_array();
}

bool multi_exists(const struct daemon *daemon)
{
    (void) daemon;
    return false;
}

uint64_t daemon_now_ns(void)
{
    return 1;
}

/* A frame with the bytes as its payload, in pieces as they may arrive. */
static int send_frame(
    int fd, const uint8_t *data, size_t size, struct control_reader *reader, int end)
{
    unsigned char header[CONTROL_HEADER_SIZE];
    int r = 0;

    for (unsigned i = 0; i < sizeof header; i++)
        header[i] = (unsigned char) (size >> (8 * i));
    promise(write(fd, header, sizeof header) == sizeof header);
    for (size_t at = 0, n; at < size && r == 0; at += n) {
        n = size - at < 1000 ? size - at : 1000;
        promise(write(fd, data + at, n) == (ssize_t) n);
        do
            r = control_reader_fill(reader, end);
        while (r == 0);
        r = r == -EAGAIN ? 0 : r;
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct control_reader reader = { .max = CONTROL_REQUEST_MAX };
    struct daemon daemon = { .services = &service };
    char why[JSON_ERROR_TEXT_LENGTH];
    json_t *request;
    int fds[2];

    if (size < 2 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0)
        return 0;
    if (send_frame(fds[1], data + 1, size - 1, &reader, fds[0]) == 1 &&
        control_reader_parse(&reader, &request, why) == 0) {
        struct client client = {
            .own_user = data[0] & 1, .master = !(data[0] & 2), .owner = data[0] & 4
        };

        command_run(&daemon, &client, request);
        promise(client.answers == 1);
        json_decref(request);
    }
    control_reader_deinit(&reader);
    close(fds[0]);
    close(fds[1]);
    return 0;
}
