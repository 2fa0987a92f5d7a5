/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The daemon's end of a service's control socket.
 */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "names.h"

static const size_t text_offset = offsetof(struct sef_packet, text);

int channel_pair(int *ours, int *theirs)
{
    int fds[2], on = 1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
        return -errno;
    if (setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ||
        fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
        int r = -errno;
        close(fds[0]);
        close(fds[1]);
        return r;
    }
    *ours = fds[0];
    *theirs = fds[1];
    return 0;
}

void channel_packet(struct sef_packet *packet, int type)
{
    memset(packet, 0, sizeof *packet);
    packet->magic = SEF_WIRE_MAGIC;
    packet->version = SEF_WIRE_VERSION;
    packet->type = type;
}

int channel_set_text(struct sef_packet *packet, const char *text)
{
    size_t len = strlen(text);
    if (len >= SEF_WIRE_TEXT_MAX)
        return -ENAMETOOLONG;
    memcpy(packet->text, text, len + 1);
    packet->text_len = (uint16_t) len;
    return 0;
}

int channel_send(int fd, const struct sef_packet *packet)
{
    return channel_send_bytes(fd, packet, text_offset + packet->text_len + 1);
}

int channel_send_bytes(int fd, const void *bytes, size_t len)
{
    ssize_t n = send(fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n < 0 ? -errno : 0;
}

static void clean_field(char *text, size_t size)
{
    text[size - 1] = '\0';
    text_clean(text, "");
}

static void clean_findings(struct sef_packet *packet)
{
    struct sef_update_error *error = &packet->error;
    clean_field(error->entity, sizeof error->entity);
    clean_field(error->member, sizeof error->member);
    clean_field(error->type, sizeof error->type);
    clean_field(error->file, sizeof error->file);
    for (size_t i = 0; i < SEF_WIRE_POLICIES; i++) {
        clean_field(packet->policies[i].name, sizeof packet->policies[i].name);
        clean_field(packet->policies[i].action, sizeof packet->policies[i].action);
    }
}

static bool is_message(const struct sef_packet *packet, size_t len)
{
    const struct sef_ipc_packet *message = (const void *) packet;
    return len == sizeof *message && message->magic == SEF_IPC_MAGIC &&
           message->version == SEF_WIRE_VERSION;
}

static int check(struct sef_packet *packet, size_t len)
{
    if (is_message(packet, len))
        return 1;
    if (len < text_offset + 1 || packet->magic != SEF_WIRE_MAGIC)
        return -EBADMSG;
    if (packet->version != SEF_WIRE_VERSION)
        return -EPROTONOSUPPORT;
    if (packet->text_len >= SEF_WIRE_TEXT_MAX || len != text_offset + packet->text_len + 1 ||
        packet->text[packet->text_len] != '\0')
        return -EBADMSG;
    bool lines = packet->type == RS_LU_START || packet->type == RS_LU_ROLLBACK;
    text_clean(packet->text, lines ? "\n\t" : "");
    clean_findings(packet);
    return 0;
}

int channel_receive(int fd, struct sef_packet *packet, pid_t *sender)
{
    /* Room for the credentials and nothing else: the kernel then drops descriptors sent along. */
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec iov = { .iov_base = packet, .iov_len = sizeof *packet };
    struct msghdr message = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
    };
    ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EINTR ? -EAGAIN : -errno;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (n == 0 && !header)
        return -ENODATA;
    if ((message.msg_flags & MSG_TRUNC) || !header || header->cmsg_type != SCM_CREDENTIALS)
        return -EBADMSG;
    struct ucred peer;
    memcpy(&peer, CMSG_DATA(header), sizeof peer);
    *sender = peer.pid;
    return check(packet, (size_t) n);
}
