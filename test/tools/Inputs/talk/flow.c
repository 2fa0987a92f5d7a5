/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A source that sends ascending numbers in all ways there are, and a sink that sees that each comes once and in
 * order, whatever version of either is running.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "talk.h"

int64_t number_of(const message *m)
{
    int64_t number;

    memcpy(&number, m->m_payload, sizeof(number));
    return number;
}

message message_of(int type, int64_t number)
{
    message m = { .m_source = 12345, .m_type = type };

    memcpy(m.m_payload, &number, sizeof(number));
    return m;
}

void fault(const char *format, ...)
{
    va_list args;

    if (talk.errors++ > 0)
        return;
    va_start(args, format);
    vsnprintf(talk.error, sizeof(talk.error), format, args);
    va_end(args);
}

static int send_number(int64_t number)
{
    message m = message_of(1, number);
    int r = EAGAIN;

    if (number % 3 == 0) {
        r = ipc_sendrec(talk.to, &m);
        if (r == OK && (m.m_source != talk.to || number_of(&m) != -number))
            fault("reply %ld to %ld", (long) number_of(&m), (long) number);
        return r;
    }
    if (number % 3 == 1)
        r = asynsend(talk.to, &m);
    /* When too many wait, wait with them. */
    return r == EAGAIN ? ipc_send(talk.to, &m) : r;
}

void source_step(void)
{
    int r;

    if (talk.next > talk.end) {
        talk.mode = MODE_ASKED;
        say("sent %ld notes %ld errors %ld %s", (long) talk.end, (long) talk.notes,
            (long) talk.errors, talk.error);
        return;
    }
    r = send_number(talk.next);
    if (r != OK)
        fault("message %ld: error %d", (long) talk.next, r);
    talk.next++;
    if (talk.next % 64 == 0) {
        r = ipc_notify(talk.to);
        talk.notes++;
        if (r != OK)
            fault("notification: error %d", r);
    }
}

static struct peer *peer_of(endpoint_t endpoint)
{
    struct peer *peer = talk.peers;

    while (peer->endpoint && peer->endpoint != endpoint)
        peer++;
    peer->endpoint = endpoint;
    return peer;
}

static void report(void)
{
    say("received %ld errors %ld %s", (long) talk.received, (long) talk.errors, talk.error);
    talk.mode = MODE_ASKED;
}

void sink_take(message *m, int status)
{
    struct peer *peer = peer_of(m->m_source);
    message reply = message_of(2, -number_of(m));
    int r;

    if (is_ipc_notify(status)) {
        peer->notes++;
        return;
    }
    if (m->m_type == TALK_STOP) {
        report();
        return;
    }
    talk.received++;
    if (number_of(m) != peer->last + 1)
        fault("%ld after %ld", (long) number_of(m), (long) peer->last);
    peer->last = number_of(m);
    if (IPC_STATUS_CALL(status) != IPC_SENDREC)
        return;
    r = ipc_sendnb(m->m_source, &reply);
    if (r != OK)
        fault("reply: error %d", r);
}
