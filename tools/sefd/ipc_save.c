/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The state of an endpoint as JSON, for the program that takes this daemon's place.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc_queue.h"
#include "json.h"
#include "service.h"

enum {
    PAYLOAD = sizeof((struct ipc_entry *) 0)->payload,
    ANSWER = sizeof(struct sef_ipc_packet),
};

static json_t *hex(const void *bytes, size_t n)
{
    char text[2 * ANSWER + 1];
    for (size_t i = 0; i < n; i++)
        snprintf(text + 2 * i, 3, "%02x", ((const unsigned char *) bytes)[i]);
    return json_string(text);
}

/* The bytes of exactly `n` pairs of digits. */
static bool unhex(const json_t *object, const char *key, unsigned char *ret, size_t n)
{
    const char *text = json_string_value(json_object_get(object, key));
    bool good = text && strlen(text) == 2 * n && strspn(text, "0123456789abcdef") == 2 * n;
    for (size_t i = 0; good && i < n; i++) {
        char pair[] = { text[2 * i], text[2 * i + 1], '\0' };
        ret[i] = (unsigned char) strtoul(pair, NULL, 16);
    }
    return good;
}

static json_t *entry_save(const struct ipc_entry *entry)
{
    return json_pack("{s:i, s:i, s:i, s:b, s:I, s:o}", "source", entry->source, "call", entry->call,
        "type", entry->type, "waits", entry->waits, "seq", (json_int_t) entry->seq, "payload",
        hex(entry->payload, PAYLOAD));
}

static struct ipc_entry *entry_load(const json_t *object)
{
    struct ipc_entry *entry = calloc(1, sizeof *entry);
    int64_t source, call, type, seq;
    if (!entry)
        return NULL;
    if (json_get_integer(object, "source", 0, INT_MAX, &source) != 0 ||
        json_get_integer(object, "call", 0, INT_MAX, &call) != 0 ||
        json_get_integer(object, "type", INT_MIN, INT_MAX, &type) != 0 ||
        json_get_integer(object, "seq", 0, INT64_MAX, &seq) != 0 ||
        !unhex(object, "payload", entry->payload, PAYLOAD)) {
        free(entry);
        return NULL;
    }
    entry->source = (int) source;
    entry->call = (int) call;
    entry->type = (int) type;
    entry->seq = (uint64_t) seq;
    entry->waits = json_is_true(json_object_get(object, "waits"));
    return entry;
}

static void queue_save(json_t *array, const struct ipc_queue *queue)
{
    for (const struct ipc_entry *e = queue->first; e; e = e->next)
        (void) json_array_append_new(array, entry_save(e));
}

json_t *ipc_save(const struct service *service)
{
    const struct ipc_port *port = &service->ipc;
    json_t *queue = json_array();
    queue_save(queue, &port->notes);
    queue_save(queue, &port->messages);
    json_t *object = json_pack("{s:I, s:i, s:i, s:b, s:i, s:b, s:o}", "seq", (json_int_t) port->seq,
        "doing", port->doing, "peer", port->peer, "calling", port->calling, "last_caller",
        port->last_caller, "notice", port->notice, "queue", queue);
    if (port->flight)
        (void) json_object_set_new(object, "flight", entry_save(port->flight));
    if (port->answer_owed)
        (void) json_object_set_new(object, "answer", hex(&port->answer, sizeof port->answer));
    return object;
}

void ipc_load(struct service *service, const json_t *object)
{
    struct ipc_port *port = &service->ipc;
    const json_t *one;
    int64_t seq, doing, peer, last;
    size_t i;
    if (json_get_integer(object, "seq", 0, INT64_MAX, &seq) != 0 ||
        json_get_integer(object, "doing", IPC_IDLE, IPC_RECEIVING, &doing) != 0 ||
        json_get_integer(object, "peer", INT_MIN, INT_MAX, &peer) != 0 ||
        json_get_integer(object, "last_caller", INT_MIN, INT_MAX, &last) != 0)
        return;
    port->seq = (uint64_t) seq;
    port->doing = (enum ipc_doing) doing;
    port->peer = (int) peer;
    port->last_caller = (int) last;
    port->calling = json_is_true(json_object_get(object, "calling"));
    port->notice = json_is_true(json_object_get(object, "notice"));
    port->answer_owed = unhex(object, "answer", (unsigned char *) &port->answer, ANSWER);
    port->flight = entry_load(json_object_get(object, "flight"));
    json_array_foreach(json_object_get(object, "queue"), i, one)
    {
        struct ipc_entry *entry = entry_load(one);
        if (entry)
            ipc_queue_put(port, entry);
    }
}
