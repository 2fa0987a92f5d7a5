/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service's side of messages: its one request to the switch, and the answer.
 *
 * Nothing is kept here that an update could lose: a message that came and was not taken (answered, but not
 * acknowledged) is given back by withdrawing the request, and the switch has it again for whatever instance asks
 * next. That is why an update may begin while a receive waits: see sef__update_serve().
 */
#include <poll.h>

#include "sef_internal.h"

static struct {
    uint64_t seq;     /**< of the last request; 0: there was none */
    uint64_t taken;   /**< of the last message acknowledged */
    uint64_t current; /**< of the request that is under way, 0: none */
    bool answered;
    bool held;    /**< a call waits whose request must not be replaced */
    bool pending; /**< something may be there to receive */
    struct sef_ipc_packet request, answer;
    sef_cb_message_t callback;
} ipc = { .pending = true };

static int send_packet(struct sef_ipc_packet *packet)
{
    packet->magic = SEF_IPC_MAGIC;
    packet->version = SEF_WIRE_VERSION;
    return sef__control_send_bytes(packet, sizeof(*packet));
}

int sef__ipc_request(struct sef_ipc_packet *packet)
{
    int r;

    if (sef__update_pending())
        return EPERM;
    if (sef__self.control_fd < 0 && !sef__resume_waits())
        return ENOTCONN;
    if (ipc.held)
        return EBUSY;
    /* Numbers of an earlier process on the same socket are smaller. */
    if (ipc.seq == 0)
        ipc.seq = sef__os_now();
    packet->seq = ++ipc.seq;
    ipc.answered = false;
    ipc.request = *packet;
    ipc.current = packet->seq;
    r = sef__self.control_fd < 0 ? OK : send_packet(packet);
    /* When the supervisor is lost this moment, the next one hears of it. */
    if (r == OK || sef__resume_waits())
        return OK;
    ipc.current = 0;
    return r;
}

int sef__ipc_await(struct sef_ipc_packet *ret)
{
    int r = OK;

    ipc.held = true;
    for (;;) {
        struct pollfd control = { .events = POLLIN };

        sef__control_drain();
        control.fd = sef__self.control_fd >= 0 ? sef__self.control_fd : sef__resume_fd();
        if (ipc.answered || ipc.current == 0)
            break;
        poll(&control, 1, -1);
    }
    ipc.held = false;
    if (ipc.answered)
        *ret = ipc.answer;
    else
        r = ENOTCONN;
    ipc.current = 0;
    ipc.answered = false;
    return r;
}

bool sef__ipc_waits(uint64_t seq)
{
    return ipc.current == seq;
}

bool sef__ipc_answered(struct sef_ipc_packet *ret)
{
    if (!ipc.answered)
        return false;
    *ret = ipc.answer;
    ipc.current = 0;
    ipc.answered = false;
    return true;
}

int sef__ipc_accept(const struct sef_ipc_packet *packet, message *m, int *status)
{
    struct sef_ipc_packet taken = { .type = SEF_IPC_TAKEN, .seq = packet->seq };
    int r;

    if (packet->result != OK)
        return packet->result;
    ipc.taken = packet->seq;
    r = send_packet(&taken);
    /* The next supervisor hears of it too. */
    if (r != OK && !sef__resume_waits())
        return r;
    m->m_source = packet->message.source;
    m->m_type = packet->message.type;
    memcpy(m->m_payload, packet->message.payload, sizeof(m->m_payload));
    if (status)
        *status = packet->call;
    return OK;
}

void sef__ipc_withdraw(void)
{
    struct sef_ipc_packet cancel = { .type = SEF_IPC_CANCEL, .seq = ipc.current };

    if (ipc.current && sef__self.control_fd >= 0)
        send_packet(&cancel);
    ipc.current = 0;
    ipc.answered = false;
    ipc.pending = true;
}

void sef__ipc_take(const struct sef_ipc_packet *packet)
{
    if (packet->type == SEF_IPC_PENDING) {
        ipc.pending = true;
    } else if (packet->seq == ipc.current && ipc.current && !ipc.answered) {
        ipc.answer = *packet;
        ipc.answered = true;
        /* Not when the answer is looked at: by then more may have come in. */
        if (packet->type == SEF_IPC_EMPTY && packet->endpoint == ANY)
            ipc.pending = false;
    } else if (packet->type == SEF_IPC_DELIVER) {
        /* Crossed with the end of its request; the switch has it still. */
        ipc.pending = true;
    }
}

void sef__ipc_lost(void)
{
    /* What must not wait does not wait for the next supervisor either. */
    if (!sef__resume_waits() ||
        (ipc.request.type == SEF_IPC_RECEIVE && (ipc.request.flags & SEF_IPC_NONBLOCK)))
        ipc.current = 0;
    ipc.answered = false;
    ipc.pending = true;
}

void sef__ipc_resume(void)
{
    struct sef_ipc_packet taken = { .type = SEF_IPC_TAKEN, .seq = ipc.taken };

    if (ipc.taken && send_packet(&taken) != OK)
        return;
    if (ipc.current)
        send_packet(&ipc.request);
}

void sef__ipc_reset(void)
{
    ipc.current = 0;
    ipc.answered = false;
    ipc.pending = true;
    ipc.held = false;
    ipc.callback = NULL;
}

int sef__ipc_poll(endpoint_t src, message *m, int *status)
{
    struct sef_ipc_packet packet = {
        .type = SEF_IPC_RECEIVE, .endpoint = src, .flags = SEF_IPC_NONBLOCK
    };
    int r;

    if (sef__update_pending())
        return EPERM;
    sef__control_drain();
    if ((src == ANY && !ipc.pending && sef__self.control_fd >= 0) || sef__resume_waits())
        return ENOTREADY;
    r = sef__ipc_request(&packet);
    if (r == OK)
        r = sef__ipc_await(&packet);
    if (r == ENOTCONN && sef__resume_waits())
        return ENOTREADY;
    if (r != OK)
        return r;
    if (packet.type == SEF_IPC_EMPTY)
        return ENOTREADY;
    return packet.type == SEF_IPC_DELIVER ? sef__ipc_accept(&packet, m, status) : EPROTO;
}

void sef_setcb_message(sef_cb_message_t cb)
{
    ipc.callback = cb;
}

bool sef__ipc_pending(void)
{
    return ipc.pending;
}

bool sef__ipc_due(void)
{
    return ipc.callback && ipc.pending && !ipc.held && sef__self.started &&
           sef__self.control_fd >= 0 && !sef__resume_waits();
}

void sef__ipc_dispatch(void)
{
    message m;
    int status;

    if (sef__ipc_due() && sef__ipc_poll(ANY, &m, &status) == OK)
        ipc.callback(&m, status);
}

void sef__ipc_watch(void)
{
    struct sef_ipc_packet watch = { .type = SEF_IPC_WATCH };

    send_packet(&watch);
}
