/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The switch between services.
 *
 * A port does one thing at a time, and pump() is the only place that moves a message out of a queue: everything
 * that could let one go (a message, a receive, a filter lifted) ends there.
 */
#include "ipc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <sef/ipc.h>

#include "channel.h"
#include "daemon.h"
#include "ipc_queue.h"
#include "service.h"

enum { LEFT_MAX = 1024 }; /* packets: a process that a service left behind may go on sending */

/* False also when the daemon ends and has put the messages away for the next one. */
static bool is_open(const struct service *service)
{
    return service->ipc.open && service->daemon->messages;
}

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
    packet->seq = port->record->seq;
    port->answer_owed = send_packet(service, packet) == -EAGAIN;
    if (port->answer_owed)
        port->answer = *packet;
}

static void answer_result(struct service *service, int type, int result)
{
    struct sef_ipc_packet packet = { .type = (uint16_t) type, .result = result };
    service->ipc.record->doing = IPC_IDLE;
    answer(service, &packet);
    pump(service);
}

static void deliver(struct service *service, struct ipc_entry *entry)
{
    struct sef_ipc_packet packet = { .type = SEF_IPC_DELIVER, .call = entry->call };
    packet.message.source = entry->source;
    packet.message.type = entry->type;
    memcpy(packet.message.payload, entry->payload, sizeof packet.message.payload);
    entry->flight = service->ipc.record->seq;
    service->ipc.flight = entry;
    answer(service, &packet);
}

/* Let the service have what it waits for, or know of it. */
static void pump(struct service *service)
{
    struct ipc_port *port = &service->ipc;
    if (port->record->doing == IPC_RECEIVING && !port->flight) {
        struct ipc_entry *entry =
            ipc_queue_find(service->daemon, port, port->record->peer, port->record->calling, true);
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
    if (!is_open(service))
        return;
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
        ipc_queue_put_back(service, port->flight);
    port->flight = NULL;
    struct service *to =
        port->record->doing == IPC_SENDING ? ipc_find(service->daemon, port->record->peer) : NULL;
    port->record->doing = IPC_IDLE;
    if (!to)
        return;
    struct ipc_entry *flight = to->ipc.flight;
    if (flight && flight->waits && flight->source == service->endpoint &&
        flight->seq == port->record->seq)
        flight->waits = 0;
    else
        ipc_entry_free(
            service, ipc_queue_take_sent(&to->ipc, service->endpoint, port->record->seq));
}

static void begin(struct service *service, const struct sef_ipc_packet *packet)
{
    abandon(service);
    service->ipc.record->seq = packet->seq;
}

/* A message whose sender waits was taken. What follows from that is recorded before the message is freed, and may
 * be done again. */
static void release(struct service *sender, const struct ipc_entry *entry)
{
    struct ipc_record *record = sender->ipc.record;
    if (record->seq != entry->seq)
        return;
    if (entry->call == IPC_SENDREC) {
        record->peer = entry->to;
        record->calling = true;
        record->doing = IPC_RECEIVING;
        pump(sender);
    } else {
        record->done = entry->seq;
        answer_result(sender, SEF_IPC_SENT, OK);
    }
}

static void on_taken(struct service *service, uint64_t seq)
{
    struct ipc_port *port = &service->ipc;
    struct ipc_entry *entry = port->flight;
    if (!entry || entry->flight != seq)
        return;
    port->flight = NULL;
    port->record->doing = IPC_IDLE;
    struct service *sender = entry->waits ? ipc_find(service->daemon, entry->source) : NULL;
    port->record->last_caller = sender && entry->call == IPC_SENDREC ? sender->endpoint : NONE;
    if (sender)
        release(sender, entry);
    ipc_entry_free(service, entry);
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
        if (port->record->doing == IPC_IDLE ||
            (port->record->doing == IPC_RECEIVING && port->flight))
            return false;
        if (n == 0 && port->record->peer == service->endpoint &&
            (port->record->doing == IPC_SENDING) != sends)
            return false;
        at = ipc_find(service->daemon, port->record->peer);
    }
    return false;
}

static bool awaits_message_of(struct service *to, const struct service *from, int type)
{
    const struct ipc_port *port = &to->ipc;
    return port->record->doing == IPC_RECEIVING && !port->flight &&
           (port->record->peer == ANY || port->record->peer == from->endpoint) &&
           (port->record->calling ||
               ipc_filters_pass(port->filters, from->endpoint, from->label, type));
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

/* A request that an earlier daemon had begun to carry out. Returns false if it had not come to anything. */
static bool resume_send(
    struct service *service, struct service *to, const struct sef_ipc_packet *packet)
{
    struct ipc_record *record = service->ipc.record;
    if (packet->seq != record->seq)
        return false;
    if (record->done == packet->seq ||
        (to && ipc_queue_has(&to->ipc, service->endpoint, packet->seq) &&
            record->doing == IPC_IDLE)) {
        record->done = packet->seq;
        answer_result(service, SEF_IPC_SENT, OK);
        return true;
    }
    if (record->doing == IPC_RECEIVING && record->calling) {
        if (service->ipc.flight)
            ipc_queue_put_back(service, service->ipc.flight);
        service->ipc.flight = NULL;
        return true;
    }
    return record->doing == IPC_SENDING && to &&
           ipc_queue_has(&to->ipc, service->endpoint, packet->seq);
}

static void on_send(struct service *service, const struct sef_ipc_packet *packet)
{
    struct ipc_record *record = service->ipc.record;
    struct service *to = ipc_find(service->daemon, packet->endpoint);
    if (resume_send(service, to, packet))
        return;
    begin(service, packet);
    int r = to ? refusal(service, to, packet) : EDEADSRCDST;
    if (packet->endpoint == RS_PROC_NR)
        r = ECALLDENIED;
    struct ipc_entry *entry = r == 0 ? ipc_entry_new(service, packet) : NULL;
    if (!entry) {
        answer_result(service, SEF_IPC_SENT, r == 0 ? ENOBUFS : r);
        return;
    }
    if (entry->waits) {
        record->peer = packet->endpoint;
        record->doing = IPC_SENDING;
        ipc_queue_put(to, entry);
    } else {
        ipc_queue_put(to, entry);
        record->done = packet->seq;
        answer_result(service, SEF_IPC_SENT, OK);
    }
    pump(to);
}

static void on_receive(struct service *service, const struct sef_ipc_packet *packet)
{
    struct ipc_port *port = &service->ipc;
    const int source = packet->endpoint;
    begin(service, packet);
    port->record->doing = IPC_RECEIVING;
    port->record->peer = source;
    port->record->calling = false;
    pump(service);
    if (port->flight)
        return;
    if (source != ANY && !ipc_find(service->daemon, source)) {
        answer_result(service, SEF_IPC_DELIVER, EDEADSRCDST);
    } else if (packet->flags & SEF_IPC_NONBLOCK) {
        struct sef_ipc_packet empty = { .type = SEF_IPC_EMPTY, .endpoint = source };
        port->notice = port->notice || source == ANY;
        port->record->doing = IPC_IDLE;
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
        if (packet->seq == service->ipc.record->seq)
            abandon(service);
        return 0;
    default:
        return -EBADMSG;
    }
}

int ipc_packet(struct service *service, const struct sef_ipc_packet *packet)
{
    if (!is_open(service))
        return 0;
    int r = dispatch(service, packet);
    pump(service);
    return r;
}

/* ---- Endpoints --------------------------------------------------------------------------- */

void ipc_open(struct service *service)
{
    struct ipc_store *store = service->daemon->messages;
    struct ipc_record *record = store ? ipc_store_record(store, service->endpoint) : NULL;
    service->ipc = (struct ipc_port) { .open = record != NULL, .record = record, .notice = true };
    if (record)
        ipc_queue_load(service);
}

/* End the receives that wait for `service` alone: all of them, or calls, of one endpoint or of any. */
static void fail_receivers(struct service *service, int result, bool calls_only, int endpoint)
{
    for (struct service *s = service->daemon->services; s; s = s->next) {
        const struct ipc_port *port = &s->ipc;
        if (port->open && port->record->doing == IPC_RECEIVING && !port->flight &&
            port->record->peer == service->endpoint && (port->record->calling || !calls_only) &&
            (endpoint == ANY || endpoint == s->endpoint))
            answer_result(s, port->record->calling ? SEF_IPC_SENT : SEF_IPC_DELIVER, result);
    }
}

static void drop_queue(struct service *service)
{
    struct ipc_entry *entry;
    while ((entry = ipc_queue_take_any(&service->ipc)) != NULL) {
        struct service *sender = entry->waits ? ipc_find(service->daemon, entry->source) : NULL;
        if (sender)
            answer_result(sender, SEF_IPC_SENT, EDEADSRCDST);
        ipc_entry_free(service, entry);
    }
}

void ipc_close(struct service *service)
{
    if (!is_open(service))
        return;
    abandon(service);
    service->ipc.open = false;
    drop_queue(service);
    fail_receivers(service, EDEADSRCDST, false, ANY);
    service->ipc.record->endpoint = 0;
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
    if (!is_open(service))
        return;
    if (service->control >= 0)
        ipc_read_left(service, false);
    else
        abandon(service);
    port->notice = true;
    if (!stateful || port->record->last_caller != NONE)
        fail_receivers(service, ERESTART_SEF, true, stateful ? port->record->last_caller : ANY);
    port->record->last_caller = NONE;
}

bool ipc_owes_answer(const struct service *service)
{
    return service->ipc.answer_owed;
}

void ipc_inherit(struct service *service)
{
    service->ipc.notice = true; /* it may have been; one more is no harm */
}

void ipc_filter(struct service *service, const struct ipc_filter *filters)
{
    service->ipc.filters = filters;
    if (is_open(service))
        pump(service);
}

struct service *ipc_blocked_on(const struct service *service)
{
    const struct ipc_port *port = &service->ipc;
    if (!is_open(service) || port->record->doing == IPC_IDLE || port->flight)
        return NULL;
    return ipc_find(service->daemon, port->record->peer);
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
