/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Framing of the control protocol.
 *
 * The payload buffer grows with the bytes that arrived, not with the length that was announced, so
 * that a client which announces much and sends nothing costs nothing.
 */
#include "control.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { GROW_STEP = 16 << 10 };

void control_reader_deinit(struct control_reader *reader)
{
    free(reader->payload);
    *reader = (struct control_reader) { .max = reader->max };
}

/* Where the next bytes go and how many of them. */
static int room(struct control_reader *reader, void **at, size_t *len)
{
    if (reader->have < CONTROL_HEADER_SIZE) {
        *at = reader->header + reader->have;
        *len = CONTROL_HEADER_SIZE - reader->have;
        return 0;
    }
    size_t used = reader->have - CONTROL_HEADER_SIZE;
    if (used == reader->allocated) {
        size_t size = used ? used * 2 : GROW_STEP;
        if (size > reader->need)
            size = reader->need;
        char *payload = realloc(reader->payload, size);
        if (!payload)
            return -ENOMEM;
        reader->payload = payload;
        reader->allocated = size;
    }
    *at = reader->payload + used;
    *len = reader->allocated - used;
    return 0;
}

/* Receive bytes and up to one descriptor. */
static ssize_t receive(int fd, void *at, size_t len, int *file)
{
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec iov = { .iov_base = at, .iov_len = len };
    struct msghdr message = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = CMSG_LEN(sizeof(int)), /* the padding has room for another one */
    };
    int sent;
    if (!file)
        return recv(fd, at, len, 0);
    ssize_t n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = n < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return n;
    memcpy(&sent, CMSG_DATA(header), sizeof sent);
    if (*file < 0)
        *file = sent;
    else
        close(sent);
    return n;
}

int control_reader_fill(struct control_reader *reader, int fd)
{
    return control_reader_fill_file(reader, fd, NULL);
}

int control_reader_fill_file(struct control_reader *reader, int fd, int *file)
{
    void *at;
    size_t len;
    int r = room(reader, &at, &len);
    if (r < 0)
        return r;
    ssize_t n = receive(fd, at, len, file);
    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (n == 0)
        return reader->have ? -ECONNRESET : -ENODATA;
    reader->have += (size_t) n;
    if (reader->have < CONTROL_HEADER_SIZE)
        return 0;
    if (reader->have == CONTROL_HEADER_SIZE) {
        uint32_t announced;
        memcpy(&announced, reader->header, sizeof announced);
        reader->need = le32toh(announced);
        if (reader->need == 0 || reader->need > reader->max)
            return -EMSGSIZE;
    }
    return reader->have == CONTROL_HEADER_SIZE + reader->need;
}

int control_reader_parse(const struct control_reader *reader, json_t **ret, char *why)
{
    json_error_t error;
    json_t *root = json_loadb(reader->payload, reader->need, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        memcpy(why, error.text, JSON_ERROR_TEXT_LENGTH);
        return -EBADMSG;
    }
    if (!json_is_object(root)) {
        json_decref(root);
        snprintf(why, JSON_ERROR_TEXT_LENGTH, "not a JSON object");
        return -EBADMSG;
    }
    *ret = root;
    return 0;
}

int control_frame(const json_t *object, size_t max, unsigned char **ret, size_t *len)
{
    size_t size = json_dumpb(object, NULL, 0, JSON_COMPACT);
    if (size == 0)
        return -ENOMEM;
    if (size > max)
        return -EMSGSIZE;
    unsigned char *frame = malloc(CONTROL_HEADER_SIZE + size);
    if (!frame)
        return -ENOMEM;
    uint32_t announced = htole32((uint32_t) size);
    memcpy(frame, &announced, sizeof announced);
    if (json_dumpb(object, (char *) frame + CONTROL_HEADER_SIZE, size, JSON_COMPACT) != size) {
        free(frame);
        return -ENOMEM;
    }
    *ret = frame;
    *len = CONTROL_HEADER_SIZE + size;
    return 0;
}

int control_runtime_dir(char buf[static PATH_MAX])
{
    const char *base = getenv("XDG_RUNTIME_DIR");
    if (!base || base[0] != '/')
        base = "/run";
    int n = snprintf(buf, PATH_MAX, "%s/sef", base);
    return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

int control_address(const char *path, struct sockaddr_un *ret)
{
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof ret->sun_path)
        return -ENAMETOOLONG;
    *ret = (struct sockaddr_un) { .sun_family = AF_UNIX };
    memcpy(ret->sun_path, path, len);
    return 0;
}
