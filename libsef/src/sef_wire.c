/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sending and receiving struct sef_packet; nothing of a packet is used before all of it is checked.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>

#include "sef_internal.h"

#define HEADER offsetof(struct sef_packet, text)
/* Room for a packet comes back at once unless the peer stopped reading for good. */
#define SEND_LIMIT_MS 2000

void sef__wire_init(struct sef_packet *packet, int type, int result)
{
    memset(packet, 0, HEADER + 1);
    packet->magic = SEF_WIRE_MAGIC;
    packet->version = SEF_WIRE_VERSION;
    packet->type = type;
    packet->result = result;
    packet->endpoint = sef__self.endpoint;
}

void sef__wire_text(struct sef_packet *packet, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(packet->text, sizeof(packet->text), format, args);
    va_end(args);
    if (n < 0) {
        packet->text[0] = '\0';
        n = 0;
    }
    packet->text_len = (uint16_t) (n < SEF_WIRE_TEXT_MAX ? n : SEF_WIRE_TEXT_MAX - 1);
}

int sef__wire_send(int fd, struct sef_packet *packet)
{
    return sef__wire_send_bytes(fd, packet, HEADER + packet->text_len + 1u);
}

int sef__wire_send_bytes(int fd, const void *packet, size_t size)
{
    const uint64_t deadline = sef__os_deadline(SEND_LIMIT_MS);
    struct pollfd room = { .fd = fd, .events = POLLOUT };

    for (;;) {
        if (send(fd, packet, size, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
            return OK;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN)
            return errno;
        if (poll(&room, 1, sef__os_timeout(deadline)) == 0)
            return ETIMEDOUT;
    }
}

/* What is wrong with the `size` bytes received, or NULL. */
static const char *fault_of(const struct sef_packet *packet, size_t size)
{
    if (size < HEADER + 1)
        return "packet is too short";
    if (size > sizeof(*packet))
        return "packet is too long";
    if (packet->magic != SEF_WIRE_MAGIC)
        return "packet has a wrong magic number";
    if (packet->version != SEF_WIRE_VERSION)
        return "packet is of another protocol version";
    if (packet->text_len >= SEF_WIRE_TEXT_MAX || HEADER + packet->text_len + 1u != size)
        return "packet's text length does not fit its size";
    if (memchr(packet->text, '\0', packet->text_len + 1u) != packet->text + packet->text_len)
        return "packet's text is not terminated where it ends";
    return NULL;
}

static int check(struct sef_packet *packet, size_t size)
{
    const char *fault = fault_of(packet, size);
    int type = 0;

    if (!fault)
        return OK;
    if (size >= HEADER && packet->magic == SEF_WIRE_MAGIC)
        type = packet->type;
    sef__wire_init(packet, type, EBADMSG);
    sef__wire_text(packet, "%s", fault);
    return EBADMSG;
}

/* Whether the bytes received are a packet of messages between services. */
static bool is_message(const struct sef_packet *packet, size_t size)
{
    const struct sef_ipc_packet *message = (const void *) packet;

    return size == sizeof(*message) && message->magic == SEF_IPC_MAGIC &&
           message->version == SEF_WIRE_VERSION;
}

/* recv() gives 0 both for end of file and for a packet of no bytes. */
static bool hung_up(int fd)
{
    struct pollfd peer = { .fd = fd };

    return poll(&peer, 1, 0) != 0;
}

int sef__wire_recv(int fd, struct sef_packet *packet)
{
    ssize_t n;

    /* ECONNRESET tells that the peer left packets of ours unread; what it sent is still there. */
    do
        n = recv(fd, packet, sizeof(*packet), MSG_DONTWAIT | MSG_TRUNC);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n < 0)
        return errno == EWOULDBLOCK ? EAGAIN : errno;
    if (n == 0 && hung_up(fd))
        return ENOTCONN;
    if (is_message(packet, (size_t) n))
        return ENOMSG;
    return check(packet, (size_t) n);
}
