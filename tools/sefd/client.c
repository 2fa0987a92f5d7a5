/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One connection to the control socket.
 *
 * A connection reads until its request is complete (time-limited), then only waits for its
 * operation or for the peer to go, then writes what is queued (time-limited again) and closes.
 */
#include "client.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "access.h"
#include "command.h"
#include "control.h"
#include "daemon.h"
#include "json.h"
#include "log.h"
#include "server.h"

struct client {
    struct client *next, **prev_next; /**< newest first */
    struct daemon *daemon;
    struct ucred peer;
    int fd;
    int file;         /**< that came with the request, or -1 */
    bool sends_files; /**< or the kernel drops them */
    sd_event_source *io, *deadline;
    struct control_reader reader;
    unsigned char *output; /**< owned; `len` bytes of which `sent` are gone */
    size_t len, sent;
    struct client **slot; /**< the operation's reference to this client */
    bool stated;          /**< the request is complete */
    bool finished;        /**< the final reply is queued */
};

enum {
    OUTPUT_MAX = CONTROL_REPLY_MAX + (64 << 10),
    REFUSAL_MAX = 1024,
};

void client_destroy(struct client *client)
{
    if (client->slot)
        *client->slot = NULL;
    *client->prev_next = client->next;
    if (client->next)
        client->next->prev_next = client->prev_next;
    sd_event_source_unref(client->io);
    sd_event_source_unref(client->deadline);
    control_reader_deinit(&client->reader);
    free(client->output);
    close(client->fd);
    if (client->file >= 0)
        close(client->file);
    free(client);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *data)
{
    (void) source;
    (void) usec;
    log_debug("dropped a client that took too long");
    client_destroy(data);
    return 0;
}

/* Which events matter now. A hang-up is always reported. */
static void watch(struct client *client)
{
    uint32_t events = 0;
    if (!client->stated)
        events |= EPOLLIN;
    if (client->sent < client->len)
        events |= EPOLLOUT;
    (void) sd_event_source_set_io_events(client->io, events);
}

/* Write what is queued. Returns false when the client is gone. */
static bool flush(struct client *client)
{
    while (client->sent < client->len) {
        ssize_t n = send(
            client->fd, client->output + client->sent, client->len - client->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) {
            client_destroy(client);
            return false;
        }
        client->sent += (size_t) n;
    }
    if (client->finished && client->sent == client->len) {
        client_destroy(client);
        return false;
    }
    watch(client);
    return true;
}

static bool queue(struct client *client, const json_t *reply)
{
    unsigned char *frame;
    size_t len, rest = client->len - client->sent;
    if (control_frame(reply, CONTROL_REPLY_MAX, &frame, &len) < 0)
        return false;
    unsigned char *output = rest + len <= OUTPUT_MAX ? malloc(rest + len) : NULL;
    if (output) {
        if (rest)
            memcpy(output, client->output + client->sent, rest);
        memcpy(output + rest, frame, len);
        free(client->output);
        client->output = output;
        client->len = rest + len;
        client->sent = 0;
    }
    free(frame);
    return output;
}

json_t *client_reply_new(int result, const char *text)
{
    return json_pack("{s:i, s:s, s:i, s:o}", "version", CONTROL_VERSION, "type", "reply", "result",
        result, "text", json_text(text));
}

void client_progress(struct client *client, json_t *reply)
{
    /* Interim replies are a courtesy: a client that does not read them just gets none. */
    if (client && reply && client->sent == client->len && queue(client, reply))
        (void) flush(client);
    json_decref(reply);
}

void client_finish(struct client **slot, json_t *reply)
{
    struct client *client = *slot;
    if (!client) {
        json_decref(reply);
        return;
    }
    client->slot = NULL;
    *slot = NULL;
    client->stated = client->finished = true;
    bool queued = reply && queue(client, reply);
    json_decref(reply);
    if (!queued || daemon_timer(client->daemon, &client->deadline,
                       client->daemon->options.request_ms, on_deadline, client) < 0)
        client_destroy(client);
    else
        (void) flush(client);
}

void client_refuse(struct client *client, int error, const char *format, ...)
{
    char text[REFUSAL_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct client *slot;
    client_bind(client, &slot);
    client_finish(&slot, client_reply_new(error, text));
}

/* Answer a client that does not want to wait for what it asked for, unless that is over. `client` may be
 * gone. */
static void release(struct daemon *daemon, const struct client *client)
{
    struct client *c = *server_clients(daemon->server);
    while (c && c != client)
        c = c->next;
    if (c && c->slot && !c->finished)
        client_finish(c->slot, client_reply_new(0, "accepted"));
}

static void take_request(struct client *client)
{
    struct daemon *daemon = client->daemon;
    char why[JSON_ERROR_TEXT_LENGTH];
    json_t *request;
    client->stated = true;
    client->deadline = sd_event_source_unref(client->deadline);
    if (control_reader_parse(&client->reader, &request, why) < 0) {
        client_refuse(client, EBADMSG, "%s", why);
        return;
    }
    control_reader_deinit(&client->reader);
    watch(client);
    command_run(daemon, client, request);
    if (json_is_true(json_object_get(request, "no_block")))
        release(daemon, client);
    json_decref(request);
}

static int on_event(sd_event_source *source, int fd, uint32_t events, void *data)
{
    struct client *client = data;
    (void) source;
    if ((events & EPOLLOUT) && !flush(client))
        return 0;
    if (!(events & EPOLLIN) || client->stated) {
        if (events & (EPOLLHUP | EPOLLERR))
            client_destroy(client);
        return 0;
    }
    int r =
        control_reader_fill_file(&client->reader, fd, client->sends_files ? &client->file : NULL);
    if (r == 1)
        take_request(client);
    else if (r == -EMSGSIZE)
        client_refuse(client, EMSGSIZE, "a request has 1 to %d bytes", CONTROL_REQUEST_MAX);
    else if (r < 0 && r != -EAGAIN)
        client_destroy(client);
    return 0;
}

int client_fd(const struct client *client)
{
    return client->fd;
}

const struct ucred *client_peer(const struct client *client)
{
    return &client->peer;
}

int client_file(const struct client *client)
{
    return client->file;
}

int client_create(struct daemon *daemon, int fd, const struct ucred *peer, struct client **ret)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client) {
        close(fd);
        return -ENOMEM;
    }
    struct client **list = server_clients(daemon->server);
    client->daemon = daemon;
    client->peer = *peer;
    client->fd = fd;
    client->file = -1;
    client->sends_files = access_any(client, daemon);
    client->reader.max = CONTROL_REQUEST_MAX;
    client->next = *list;
    client->prev_next = list;
    if (client->next)
        client->next->prev_next = &client->next;
    *list = client;
    int r = sd_event_add_io(daemon->event, &client->io, fd, EPOLLIN, on_event, client);
    if (r >= 0)
        r = daemon_timer(
            daemon, &client->deadline, daemon->options.request_ms, on_deadline, client);
    if (r < 0)
        client_destroy(client);
    else if (ret)
        *ret = client;
    return r < 0 ? r : 0;
}

bool client_is_own_user(const struct client *client)
{
    return client->peer.uid == geteuid();
}

void client_bind(struct client *client, struct client **slot)
{
    if (client)
        client->slot = slot;
    *slot = client;
}

static bool is_of(const struct client *client, enum clients_of which, uid_t uid)
{
    return which == CLIENTS_ALL || (which == CLIENTS_USER && client->peer.uid == uid) ||
           (which == CLIENTS_GUESTS && !access_all(client));
}

size_t clients_count(const struct client *list, enum clients_of which, uid_t uid)
{
    size_t n = 0;
    for (; list; list = list->next)
        n += is_of(list, which, uid);
    return n;
}

bool clients_wait(const struct client *list)
{
    while (list && list->slot)
        list = list->next;
    return list;
}

bool clients_evict(struct client *list, enum clients_of which, uid_t uid)
{
    struct client *oldest = NULL;
    for (; list; list = list->next) {
        if (!list->stated && is_of(list, which, uid))
            oldest = list;
    }
    if (oldest)
        client_destroy(oldest);
    return oldest;
}
