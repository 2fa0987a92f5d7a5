/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The socket to the supervisor: taking it over at start-up, packets that come in at a quiescent
 * point, and what happens when the supervisor goes away (the service goes on, and sef_resume.c looks for
 * the next one).
 *
 * Only one process may read the socket: a child that the service forks for itself gives it up.
 *
 * A service may have closed the socket with all other descriptors it was started with, as daemons do, and opened
 * something else that has its number. So before each use we look whether it is the socket still. While the service
 * starts it comes back to the supervisor at once, later as it does when the supervisor was killed.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sef_internal.h"

/* How long a service that starts tries to come back; the supervisor may not know yet that it left. */
enum { REJOIN_LIMIT_MS = 2000, REJOIN_DELAY_MS = 5 };

struct sef__self sef__self = { .control_fd = -1, .endpoint = NONE };

static struct sef__file_id control_id;

/* Runs in every child that the service forks. */
static void forked(void)
{
    if (sef__self.own_fork || sef__update_pending())
        return;
    sef__resume_forked(); /* first: what it watches is its parent's */
    if (sef__self.control_fd >= 0) {
        sef__control_lost();
        sef__lu_reset();
    }
}

/* Whether `fd` is what a supervisor hands over, and not one that was opened since; inode 0 is not known. */
static int check_socket(int fd, uint64_t inode)
{
    socklen_t len = sizeof(int);
    int type = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
        return errno;
    if (type != SOCK_SEQPACKET || (inode && sef__os_file_id(fd).ino != inode))
        return EPROTOTYPE;
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
        return errno;
    return OK;
}

void sef__control_take(int fd)
{
    sef__self.control_fd = fd;
    control_id = sef__os_file_id(fd);
}

bool sef__control_is_ours(void)
{
    const struct sef__file_id id = sef__os_file_id(sef__self.control_fd);

    return id.dev == control_id.dev && id.ino == control_id.ino;
}

/* Wait for the answer to RS_RESUME. */
static int await_answer(uint64_t deadline)
{
    struct sef_packet packet;
    int r;

    do
        r = sef__control_next(&packet, deadline);
    while (r == OK && packet.type != RS_RESUME);
    if (r == OK)
        sef__resume_answer(&packet);
    return sef__self.control_fd >= 0 ? r : ENOTCONN;
}

/* Come back to the supervisor, and wait until it says so. */
static int rejoin(int state)
{
    const uint64_t deadline = sef__os_deadline(REJOIN_LIMIT_MS);
    int r = ENOTCONN;

    while (r != OK && sef__resume_expected() && sef__os_timeout(deadline) > 0) {
        r = sef__resume_join(state);
        if (r == OK)
            r = await_answer(deadline);
        if (r != OK)
            poll(NULL, 0, REJOIN_DELAY_MS);
    }
    return r;
}

/* NUMBER or NUMBER:INODE. */
static int parse(const char *value, int *fd, uint64_t *inode)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(value, &end, 10);
    if (end != value && *end == ':')
        *inode = strtoull(end + 1, &end, 10);
    if (errno != 0 || end == value || *end != '\0' || number < 0 || number > INT32_MAX)
        return EBADF;
    *fd = (int) number;
    return OK;
}

int sef__control_open(void)
{
    static bool hooked;
    const char *value = getenv(SEF_CONTROL_FD_ENV);
    uint64_t inode = 0;
    int r, fault, fd;

    if (!value)
        return OK;
    r = parse(value, &fd, &inode);
    unsetenv(SEF_CONTROL_FD_ENV);
    if (r == OK && !hooked)
        r = pthread_atfork(NULL, NULL, forked);
    if (r != OK)
        return r;
    hooked = true;
    fault = check_socket(fd, inode);
    if (fault == OK)
        sef__control_take(fd);
    r = sef__resume_open();
    if (r == OK && fault != OK && rejoin(SEF_RESUME_UNTOLD) != OK)
        r = fault;
    if (r != OK)
        sef__control_lost();
    return r;
}

/* Whether there is the socket; one that is not ours any more is forgotten. */
static bool connected(void)
{
    if (sef__self.control_fd >= 0 && !sef__control_is_ours())
        sef__control_lost();
    return sef__self.control_fd >= 0;
}

void sef__control_restore(void)
{
    if (sef__self.control_fd < 0 || connected())
        return;
    (void) rejoin(0); /* else the supervisor will hear of the service when it comes later */
}

void sef__control_lost(void)
{
    const bool ours = sef__control_is_ours();

    if (sef__self.control_fd < 0)
        return;
    if (!ours)
        sef__resume_disown();
    sef__resume_lost();
    sef__ipc_lost();
    if (ours)
        close(sef__self.control_fd);
    sef__self.control_fd = -1;
}

int sef__control_send(struct sef_packet *packet)
{
    return sef__control_send_bytes(
        packet, offsetof(struct sef_packet, text) + packet->text_len + 1u);
}

int sef__control_send_bytes(const void *packet, size_t size)
{
    int r;

    if (!connected())
        return ENOTCONN;
    r = sef__wire_send_bytes(sef__self.control_fd, packet, size);
    if (r == OK || r == ETIMEDOUT)
        return r;
    sef__control_lost();
    return ENOTCONN;
}

int sef__control_reply(int type, int result, const char *format, ...)
{
    struct sef_packet packet;
    va_list args;
    int n;

    sef__wire_init(&packet, type, result);
    va_start(args, format);
    n = vsnprintf(packet.text, sizeof(packet.text), format, args);
    va_end(args);
    packet.text_len = (uint16_t) strnlen(packet.text, n < 0 ? 0 : sizeof(packet.text) - 1);
    return sef__control_send(&packet);
}

int sef__control_prepared(uint32_t serial, int result, const char *text)
{
    struct sef_packet packet;

    sef__wire_init(&packet, RS_LU_PREPARE, result);
    packet.serial = serial;
    sef__wire_text(&packet, "%s", text);
    return sef__control_send(&packet);
}

int sef__control_next(struct sef_packet *packet, uint64_t deadline)
{
    struct pollfd control = { .fd = sef__self.control_fd, .events = POLLIN };
    int r;

    if (!connected())
        return ENOTCONN;
    for (;;) {
        r = sef__wire_recv(sef__self.control_fd, packet);
        if (r == OK || r == EBADMSG)
            return r;
        if (r == ENOMSG) {
            sef__ipc_take((const void *) packet);
            continue;
        }
        if (r != EAGAIN) {
            sef__control_lost();
            return ENOTCONN;
        }
        if (poll(&control, 1, sef__os_timeout(deadline)) == 0)
            return ETIMEDOUT;
    }
}

void sef__control_malformed(const struct sef_packet *packet)
{
    /* A malformed commit or rollback has no reply that could not be taken for the real one. */
    if (packet->type == RS_INIT || packet->type == RS_LU_PREPARE || packet->type == RS_LU_START)
        sef__control_reply(packet->type, EBADMSG, "%s", packet->text);
}

static void handle(const struct sef_packet *packet)
{
    switch (packet->type) {
    case RS_LU_PREPARE:
        sef__lu_request(packet);
        break;
    case RS_LU_START:
        sef__control_reply(RS_LU_ROLLBACK, EINVAL, "the service did not say that it is ready");
        break;
    case RS_INIT:
    case RS_LU_COMMIT:
    case RS_LU_ROLLBACK:
        /* Crossed with a report of ours that ended the matter. */
        break;
    case RS_RESUME:
        sef__resume_answer(packet);
        break;
    default:
        if (sef__request(packet))
            break;
        sef__control_reply(packet->type, ENOSYS, "unknown request %#x", (unsigned) packet->type);
        break;
    }
}

void sef__control_drain(void)
{
    struct sef_packet packet;
    int r;

    sef__resume_try();
    if (!connected())
        return;
    while (sef__self.control_fd >= 0) {
        r = sef__wire_recv(sef__self.control_fd, &packet);
        if (r == OK) {
            handle(&packet);
        } else if (r == ENOMSG) {
            sef__ipc_take((const void *) &packet);
        } else if (r == EBADMSG) {
            sef__control_malformed(&packet);
        } else if (r == EAGAIN) {
            return;
        } else {
            sef__control_lost();
            sef__lu_cancel();
        }
    }
}
