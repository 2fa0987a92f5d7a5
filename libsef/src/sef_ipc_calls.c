/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending messages and finding endpoints: what a service calls.
 *
 * A send waits for the switch's answer over signals, because without the answer nobody could tell whether the
 * message is under way.
 */
#include "sef_internal.h"

static int send_message(endpoint_t dst, int call, const message *m, struct sef_ipc_packet *packet)
{
    int r;

    *packet = (struct sef_ipc_packet) { .type = SEF_IPC_SEND, .endpoint = dst, .call = call };
    if (m) {
        packet->message.type = m->m_type;
        memcpy(packet->message.payload, m->m_payload, sizeof(m->m_payload));
    }
    r = sef__ipc_request(packet);
    return r == OK ? sef__ipc_await(packet) : r;
}

static int send_and_ask(endpoint_t dst, int call, const message *m)
{
    struct sef_ipc_packet packet;
    int r = send_message(dst, call, m, &packet);

    if (r != OK)
        return r;
    return packet.type == SEF_IPC_SENT ? packet.result : EPROTO;
}

int ipc_send(endpoint_t dst, const message *m_ptr)
{
    return send_and_ask(dst, IPC_SEND, m_ptr);
}

int ipc_sendnb(endpoint_t dst, const message *m_ptr)
{
    return send_and_ask(dst, IPC_SENDNB, m_ptr);
}

int asynsend(endpoint_t dst, const message *m_ptr)
{
    return send_and_ask(dst, IPC_SENDA, m_ptr);
}

int ipc_notify(endpoint_t dst)
{
    return send_and_ask(dst, IPC_NOTIFY, NULL);
}

int ipc_sendrec(endpoint_t dst, message *m_ptr)
{
    struct sef_ipc_packet packet;
    int r = send_message(dst, IPC_SENDREC, m_ptr, &packet);

    if (r != OK)
        return r;
    if (packet.type == SEF_IPC_SENT && packet.result != OK)
        return packet.result;
    return packet.type == SEF_IPC_DELIVER ? sef__ipc_accept(&packet, m_ptr, NULL) : EPROTO;
}

int minix_rs_lookup(const char *name, endpoint_t *value)
{
    struct sef_ipc_packet packet = { .type = SEF_IPC_LOOKUP };
    const size_t len = strlen(name);
    int r;

    if (len == 0)
        return EINVAL;
    if (len >= sizeof(packet.label))
        return ENAMETOOLONG;
    memcpy(packet.label, name, len);
    r = sef__ipc_request(&packet);
    if (r == OK)
        r = sef__ipc_await(&packet);
    if (r != OK)
        return r;
    if (packet.type != SEF_IPC_LOOKUP)
        return EPROTO;
    if (packet.result == OK)
        *value = packet.endpoint;
    return packet.result;
}
