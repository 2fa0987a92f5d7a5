/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The switch between services.
 *
 * A port does one thing at a time, and pump() is the only place that moves a message out of a queue: everything
 * that could let one go (a message, a receive, a filter lifted) ends there.
 */
#include "ipc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sef/ipc.h>

#include "channel.h"
#include "daemon.h"
#include "ipc_queue.h"
#include "service.h"

enum { LEFT_MAX = 1024 }; /* packets: a process that a service left behind may go on sending */

/* ---- To a service ------------------------------------------------------------------------ */

static int send_packet(struct service *service, struct sef_ipc_packet *packet)
{
    packet->magic = SEF_IPC_MAGIC;
    packet->version = SEF_WIRE_VERSION;
    int r = channel_send_bytes(service->control, packet, sizeof *packet);
    if (r == -EAGAIN)
        (void) sd_event_source_set_io_events(service->control_source, EPOLLIN | EPOLLOUT);
    return r;
}

static void pump(struct service *service);

/* Answer the request under way. */
static void answer(struct service *service, struct sef_ipc_packet *packet)
{
    struct ipc_port *port = &service->ipc;
    packet->seq = port->seq;
    port->answer_owed = send_packet(service, packet) == -EAGAIN;
    if (port->answer_owed)
        port->answer = *packet;
}

static void answer_result(struct service *service, int type, int result)
{
    struct sef_ipc_packet packet = { .type = (uint16_t) type, .result = result };
    service->ipc.doing = IPC_IDLE;
    answer(service, &packet);
    pump(service);
}

static void deliver(struct service *service, struct ipc_entry *entry)
{
    struct sef_ipc_packet packet = { .type = SEF_IPC_DELIVER, .call = entry->call };
    packet.message.source = entry->source;
    packet.message.type = entry->type;
    memcpy(packet.message.payload, entry->payload, sizeof packet.message.payload);
    service->ipc.flight = entry;
    answer(service, &packet);
}

/* Let the service have what it waits for, or know of it. */
static void pump(struct service *service)
{
    struct ipc_port *port = &service->ipc;
    if (port->doing == IPC_RECEIVING && !port->flight) {
        struct ipc_entry *entry =
            ipc_queue_find(service->daemon, port, port->peer, port->calling, true);
        if (entry)
            deliver(service, entry);
    } else if (port->notice && !port->flight &&
               ipc_queue_find(service->daemon, port, ANY, false, false)) {
        struct sef_ipc_packet packet = { .type = SEF_IPC_PENDING };
        port->notice = send_packet(service, &packet) < 0;
    }
}

void ipc_room(struct service *service)
{
    struct ipc_port *port = &service->ipc;
    (void) sd_event_source_set_io_events(service->control_source, EPOLLIN);
    if (port->answer_owed)
        answer(service, &port->answer);
    pump(service);
}

/* ---- The end of a request ---------------------------------------------------------------- */

/* The request under way is not wanted any more: what was not taken goes back, what was not delivered too. */
static void abandon(struct service *service)
{
    struct ipc_port *port = &service->ipc;
    port->answer_owed = false;
    if (port->flight)
        ipc_queue_put_back(port, port->flight);
    port->flight = NULL;
    struct service *to = port->doing == IPC_SENDING ? ipc_find(service->daemon, port->peer) : NULL;
    port->doing = IPC_IDLE;
    if (!to)
        return;
    struct ipc_entry *flight = to->ipc.flight;
    if (flight && flight->waits && flight->source == service->endpoint && flight->seq == port->seq)
        flight->waits = false;
    else
        free(ipc_queue_take_sent(&to->ipc, service->endpoint, port->seq));
}

static void begin(struct service *service, const struct sef_ipc_packet *packet)
{
    abandon(service);
    service->ipc.seq = packet->seq;
}

/* A message whose sender waits was taken. */
static void release(struct service *sender, const struct ipc_entry *entry, int receiver)
{
    struct ipc_port *port = &sender->ipc;
    if (entry->call == IPC_SENDREC) {
        port->doing = IPC_RECEIVING;
        port->peer = receiver;
        port->calling = true;
        pump(sender);
    } else {
        answer_result(sender, SEF_IPC_SENT, OK);
    }
}

static void on_taken(struct service *service, uint64_t seq)
{
    struct ipc_port *port = &service->ipc;
    struct ipc_entry *entry = port->flight;
    if (!entry || port->seq != seq)
        return;
    port->flight = NULL;
    port->doing = IPC_IDLE;
    struct service *sender = entry->waits ? ipc_find(service->daemon, entry->source) : NULL;
    port->last_caller = sender && entry->call == IPC_SENDREC ? sender->endpoint : NONE;
    if (sender)
        release(sender, entry, service->endpoint);
    free(entry);
}

/* ---- Requests ---------------------------------------------------------------------------- */

/* Whether `service`, if it waited for `endpoint` now, would wait for itself. Two of which one sends and the other
 * receives do not: they are about to meet. */
static bool is_locked(const struct service *service, int endpoint, bool sends)
{
    const struct service *at = ipc_find(service->daemon, endpoint);
    for (size_t n = 0; at && n <= SERVICES_MAX; n++) {
        if (at == service)
            return true;
        const struct ipc_port *port = &at->ipc;
        if (port->doing == IPC_IDLE || (port->doing == IPC_RECEIVING && port->flight))
            return false;
        if (n == 0 && port->peer == service->endpoint && (port->doing == IPC_SENDING) != sends)
            return false;
        at = ipc_find(service->daemon, port->peer);
    }
    return false;
}

static bool awaits_message_of(struct service *to, const struct service *from, int type)
{
    const struct ipc_port *port = &to->ipc;
    return port->doing == IPC_RECEIVING && !port->flight &&
           (port->peer == ANY || port->peer == from->endpoint) &&
           (port->calling || ipc_filters_pass(port->filters, from->endpoint, from->label, type));
}

/* 0, or why a message cannot be sent. */
static int refusal(
    const struct service *from, struct service *to, const struct sef_ipc_packet *packet)
{
    switch (packet->call) {
    case IPC_SEND:
    case IPC_SENDREC:
        return is_locked(from, to->endpoint, true) ? ELOCKED : 0;
    case IPC_SENDNB:
        return awaits_message_of(to, from, packet->message.type) ? 0 : ENOTREADY;
    case IPC_NOTIFY:
        return to->ipc.notes.n >= IPC_NOTES_MAX ? ENOBUFS : 0;
    default:
        return ipc_queue_refuses(&to->ipc, from->endpoint);
    }
}

static void on_send(struct service *service, const struct sef_ipc_packet *packet)
{
    struct ipc_port *port = &service->ipc;
    struct service *to = ipc_find(service->daemon, packet->endpoint);
    begin(service, packet);
    int r = to ? refusal(service, to, packet) : EDEADSRCDST;
    if (packet->endpoint == RS_PROC_NR)
        r = ECALLDENIED;
    struct ipc_entry *entry = r == 0 ? ipc_entry_new(service, packet) : NULL;
    if (!entry) {
        answer_result(service, SEF_IPC_SENT, r == 0 ? ENOMEM : r);
        return;
    }
    if (entry->waits) {
        port->doing = IPC_SENDING;
        port->peer = packet->endpoint;
    } else {
        answer_result(service, SEF_IPC_SENT, OK);
    }
    ipc_queue_put(&to->ipc, entry);
    pump(to);
}

static void on_receive(struct service *service, const struct sef_ipc_packet *packet)
{
    struct ipc_port *port = &service->ipc;
    const int source = packet->endpoint;
    begin(service, packet);
    port->doing = IPC_RECEIVING;
    port->peer = source;
    port->calling = false;
    pump(service);
    if (port->flight)
        return;
    if (source != ANY && !ipc_find(service->daemon, source)) {
        answer_result(service, SEF_IPC_DELIVER, EDEADSRCDST);
    } else if (packet->flags & SEF_IPC_NONBLOCK) {
        struct sef_ipc_packet empty = { .type = SEF_IPC_EMPTY, .endpoint = source };
        port->notice = port->notice || source == ANY;
        port->doing = IPC_IDLE;
        answer(service, &empty);
    } else if (source != ANY && is_locked(service, source, false)) {
        answer_result(service, SEF_IPC_DELIVER, ELOCKED);
    }
}

static void on_lookup(struct service *service, const struct sef_ipc_packet *packet)
{
    struct service *found = service_find(service->daemon, packet->label);
    struct sef_ipc_packet reply = { .type = SEF_IPC_LOOKUP, .result = ESRCH };
    begin(service, packet);
    if (found && found->ipc.open) {
        reply.result = OK;
        reply.endpoint = found->endpoint;
    }
    answer(service, &reply);
}

static bool call_is_known(int call)
{
    return call == IPC_SEND || call == IPC_SENDREC || call == IPC_NOTIFY || call == IPC_SENDNB ||
           call == IPC_SENDA;
}

static int dispatch(struct service *service, const struct sef_ipc_packet *packet)
{
    switch (packet->type) {
    case SEF_IPC_SEND:
        if (!call_is_known(packet->call))
            return -EBADMSG;
        on_send(service, packet);
        return 0;
    case SEF_IPC_RECEIVE:
        on_receive(service, packet);
        return 0;
    case SEF_IPC_LOOKUP:
        if (!memchr(packet->label, '\0', sizeof packet->label))
            return -EBADMSG;
        on_lookup(service, packet);
        return 0;
    case SEF_IPC_WATCH:
        service->ipc.notice = true;
        return 0;
    case SEF_IPC_TAKEN:
        on_taken(service, packet->seq);
        return 0;
    case SEF_IPC_CANCEL:
        if (packet->seq == service->ipc.seq)
            abandon(service);
        return 0;
    default:
        return -EBADMSG;
    }
}

int ipc_packet(struct service *service, const struct sef_ipc_packet *packet)
{
    if (!service->ipc.open)
        return 0;
    int r = dispatch(service, packet);
    pump(service);
    return r;
}

/* ---- Endpoints --------------------------------------------------------------------------- */

void ipc_open(struct service *service)
{
    service->ipc = (struct ipc_port) { .open = true, .notice = true, .last_caller = NONE };
}

/* End the receives that wait for `service` alone: all of them, or calls, of one endpoint or of any. */
static void fail_receivers(struct service *service, int result, bool calls_only, int endpoint)
{
    for (struct service *s = service->daemon->services; s; s = s->next) {
        const struct ipc_port *port = &s->ipc;
        if (port->open && port->doing == IPC_RECEIVING && !port->flight &&
            port->peer == service->endpoint && (port->calling || !calls_only) &&
            (endpoint == ANY || endpoint == s->endpoint))
            answer_result(s, port->calling ? SEF_IPC_SENT : SEF_IPC_DELIVER, result);
    }
}

static void drop_queue(struct service *service)
{
    struct ipc_entry *entry;
    while ((entry = ipc_queue_take_any(&service->ipc)) != NULL) {
        struct service *sender = entry->waits ? ipc_find(service->daemon, entry->source) : NULL;
        if (sender)
            answer_result(sender, SEF_IPC_SENT, EDEADSRCDST);
        free(entry);
    }
}

void ipc_close(struct service *service)
{
    if (!service->ipc.open)
        return;
    abandon(service);
    service->ipc.open = false;
    drop_queue(service);
    fail_receivers(service, EDEADSRCDST, false, ANY);
}

/* Whether the next packet is one of ours. */
static bool message_waits(const struct service *service)
{
    struct sef_ipc_packet packet;
    return recv(service->control, &packet, sizeof packet, MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC) ==
               sizeof packet &&
           packet.magic == SEF_IPC_MAGIC;
}

void ipc_read_left(struct service *service, bool all)
{
    struct sef_packet packet;
    pid_t sender;
    for (unsigned n = 0; n < LEFT_MAX && (all || message_waits(service)); n++) {
        int r = channel_receive(service->control, &packet, &sender);
        if (r == 1)
            (void) ipc_packet(service, (const void *) &packet);
        else if (r < 0 && r != -EBADMSG && r != -EPROTONOSUPPORT)
            return;
    }
}

void ipc_restart(struct service *service, bool stateful)
{
    struct ipc_port *port = &service->ipc;
    if (service->control >= 0)
        ipc_read_left(service, false);
    else
        abandon(service);
    port->notice = true;
    if (!stateful || port->last_caller != NONE)
        fail_receivers(service, ERESTART_SEF, true, stateful ? port->last_caller : ANY);
    port->last_caller = NONE;
}

void ipc_filter(struct service *service, const struct ipc_filter *filters)
{
    service->ipc.filters = filters;
    if (service->ipc.open)
        pump(service);
}

struct service *ipc_blocked_on(const struct service *service)
{
    const struct ipc_port *port = &service->ipc;
    if (!port->open || port->doing == IPC_IDLE || port->flight)
        return NULL;
    return ipc_find(service->daemon, port->peer);
}

void ipc_describe(const struct service *service, json_t *object)
{
    const struct ipc_port *port = &service->ipc;
    const struct service *other = ipc_blocked_on(service);
    unsigned n = port->messages.n + port->notes.n + (port->flight ? 1 : 0);
    (void) json_object_set_new(object, "messages", json_integer(n));
    if (other)
        (void) json_object_set_new(object, "waits_for", json_string(other->label));
}
