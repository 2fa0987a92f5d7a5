/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages that wait for a receiver.
 *
 * Queues are walked; they are short, because they are bounded and a receiver takes from the front.
 */
#include "ipc_queue.h"

#include <errno.h>
#include <string.h>

#include <sef/ipc.h>

#include "daemon.h"
#include "service.h"

struct ipc_entry *ipc_entry_new(const struct service *from, const struct sef_ipc_packet *packet)
{
    struct ipc_entry *entry = ipc_store_entry(from->daemon->messages);
    if (!entry)
        return NULL;
    entry->to = packet->endpoint;
    entry->source = from->endpoint;
    entry->call = packet->call;
    entry->seq = packet->seq;
    entry->waits = ipc_entry_blocks(entry);
    if (entry->call == IPC_NOTIFY) {
        entry->type = NOTIFY_MESSAGE;
    } else {
        entry->type = packet->message.type;
        memcpy(entry->payload, packet->message.payload, sizeof entry->payload);
    }
    return entry;
}

void ipc_entry_free(const struct service *service, struct ipc_entry *entry)
{
    ipc_store_free(service->daemon->messages, entry);
}

bool ipc_entry_blocks(const struct ipc_entry *entry)
{
    return entry->call == IPC_SEND || entry->call == IPC_SENDREC;
}

int ipc_queue_refuses(const struct ipc_port *port, int from)
{
    unsigned all = 0, of_sender = 0;
    for (const struct ipc_entry *e = port->messages.first; e; e = e->next) {
        if (ipc_entry_blocks(e))
            continue;
        all++;
        of_sender += e->source == from;
    }
    return of_sender >= IPC_PAIR_MAX ? EAGAIN : all >= IPC_QUEUE_MAX ? ENOBUFS : 0;
}

static bool has_note_of(const struct ipc_port *port, int source)
{
    const struct ipc_entry *e = port->notes.first;
    while (e && e->source != source)
        e = e->next;
    return e != NULL;
}

static struct ipc_queue *queue_of(struct ipc_port *port, const struct ipc_entry *entry)
{
    return entry->call == IPC_NOTIFY ? &port->notes : &port->messages;
}

static void append(struct ipc_port *port, struct ipc_entry *entry)
{
    struct ipc_queue *queue = queue_of(port, entry);
    entry->next = NULL;
    if (queue->last)
        queue->last->next = entry;
    else
        queue->first = entry;
    queue->last = entry;
    queue->n++;
}

void ipc_queue_put(struct service *to, struct ipc_entry *entry)
{
    if (entry->call == IPC_NOTIFY && has_note_of(&to->ipc, entry->source)) {
        ipc_entry_free(to, entry);
        return;
    }
    ipc_store_keep(to->daemon->messages, entry);
    append(&to->ipc, entry);
}

void ipc_queue_put_back(struct service *to, struct ipc_entry *entry)
{
    struct ipc_queue *queue = queue_of(&to->ipc, entry);
    entry->flight = 0;
    if ((ipc_entry_blocks(entry) && !entry->waits) ||
        (queue == &to->ipc.notes && has_note_of(&to->ipc, entry->source))) {
        ipc_entry_free(to, entry);
        return;
    }
    entry->next = queue->first;
    queue->first = entry;
    if (!queue->last)
        queue->last = entry;
    queue->n++;
}

void ipc_queue_load(struct service *to)
{
    struct ipc_entry *entry;
    for (uint64_t order = 0, last;
        (entry = ipc_store_next(to->daemon->messages, to->endpoint, order)) != NULL; order = last) {
        last = entry->order;
        if (entry->flight && entry->flight == to->ipc.record->seq && !to->ipc.flight)
            to->ipc.flight = entry;
        else if (ipc_entry_blocks(entry) && !entry->waits)
            ipc_entry_free(to, entry);
        else
            append(&to->ipc, entry);
    }
}

static bool is_of(const struct ipc_entry *entry, int source, uint64_t seq)
{
    return entry->source == source && entry->seq == seq;
}

bool ipc_queue_has(const struct ipc_port *port, int source, uint64_t seq)
{
    if (port->flight && is_of(port->flight, source, seq))
        return true;
    for (const struct ipc_entry *e = port->messages.first; e; e = e->next) {
        if (is_of(e, source, seq))
            return true;
    }
    for (const struct ipc_entry *e = port->notes.first; e; e = e->next) {
        if (is_of(e, source, seq))
            return true;
    }
    return false;
}

/* Take out what follows `before`, or the first if that is NULL. */
static struct ipc_entry *take_after(struct ipc_queue *queue, struct ipc_entry *before)
{
    struct ipc_entry *entry = before ? before->next : queue->first;
    if (before)
        before->next = entry->next;
    else
        queue->first = entry->next;
    if (queue->last == entry)
        queue->last = before;
    queue->n--;
    return entry;
}

struct service *ipc_find(const struct daemon *daemon, int endpoint)
{
    struct service *service = daemon->services;
    while (service && (service->endpoint != endpoint || !service->ipc.open))
        service = service->next;
    return service;
}

static bool passes(
    const struct daemon *daemon, const struct ipc_port *port, const struct ipc_entry *entry)
{
    if (!port->filters)
        return true;
    const struct service *from = ipc_find(daemon, entry->source);
    return ipc_filters_pass(port->filters, entry->source, from ? from->label : "", entry->type);
}

static struct ipc_entry *find_in(const struct daemon *daemon, const struct ipc_port *port,
    struct ipc_queue *queue, int source, bool reply, bool take)
{
    struct ipc_entry *before = NULL;
    for (struct ipc_entry *e = queue->first; e; before = e, e = e->next) {
        /* A service that waits for a reply reaches no quiescent point without it. */
        if ((source == ANY || e->source == source) && (reply || passes(daemon, port, e)))
            return take ? take_after(queue, before) : e;
    }
    return NULL;
}

struct ipc_entry *ipc_queue_find(
    const struct daemon *daemon, struct ipc_port *port, int source, bool reply, bool take)
{
    struct ipc_entry *entry = NULL;
    if (!reply)
        entry = find_in(daemon, port, &port->notes, source, false, take);
    if (!entry)
        entry = find_in(daemon, port, &port->messages, source, reply, take);
    return entry;
}

struct ipc_entry *ipc_queue_take_sent(struct ipc_port *port, int source, uint64_t seq)
{
    struct ipc_entry *before = NULL;
    for (struct ipc_entry *e = port->messages.first; e; before = e, e = e->next) {
        if (e->waits && is_of(e, source, seq))
            return take_after(&port->messages, before);
    }
    return NULL;
}

struct ipc_entry *ipc_queue_take_any(struct ipc_port *port)
{
    if (port->messages.first)
        return take_after(&port->messages, NULL);
    return port->notes.first ? take_after(&port->notes, NULL) : NULL;
}
