/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading epoll sets through /proc and replacing them.
 *
 * An epoll set is shared with the old instance after a fork, so it must not be changed; a process
 * that needs other data in it makes its own set. Two passes over the set's fdinfo do without any
 * memory: the first only asks, the second, if something changed, fills the new set.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os_epoll.h"

struct set {
    int epfd;
    int fresh; /**< the set that replaces it, -1 while none is needed */
    int changed;
    magic__epoll_cb_t cb;
    void *ctx;
};

/* One line of fdinfo: "tfd: %d events: %x data: %llx ...". Other lines are of no interest. */
static int visit_line(struct set *s, const char *line)
{
    struct magic__epoll_item item = { .epfd = s->epfd };
    struct epoll_event event;
    uint64_t data;
    int err;

    if (sscanf(line, "tfd: %d events: %" SCNx32 " data: %" SCNx64, &item.fd, &item.events,
            &item.data) != 3)
        return 0;
    data = item.data;
    err = s->cb(s->ctx, &item);
    if (err)
        return err;
    s->changed |= item.data != data;
    if (s->fresh < 0)
        return 0;
    event = (struct epoll_event) { .events = item.events, .data.u64 = item.data };
    return epoll_ctl(s->fresh, EPOLL_CTL_ADD, item.fd, &event) == 0 ? 0 : errno;
}

/* Visit all lines of a set's fdinfo, a buffer at a time. */
static int visit_set(struct set *s)
{
    char path[64], buf[4096];
    size_t used = 0;
    ssize_t n;
    int fd, err = 0;

    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", s->epfd);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    while (!err && (n = read(fd, buf + used, sizeof(buf) - 1 - used)) > 0) {
        char *line = buf, *end;

        used += (size_t) n;
        buf[used] = '\0';
        for (; !err && (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            err = visit_line(s, line);
        }
        used = (size_t) (buf + used - line);
        if (used == sizeof(buf) - 1)
            used = 0; /* no line of fdinfo is that long */
        memmove(buf, line, used);
    }
    close(fd);
    return err;
}

static int replace_set(struct set *s)
{
    int flags = fcntl(s->epfd, F_GETFD), err;

    s->fresh = epoll_create1(EPOLL_CLOEXEC);
    if (s->fresh < 0)
        return errno;
    err = visit_set(s);
    if (!err && dup3(s->fresh, s->epfd, flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0)
        err = errno;
    close(s->fresh);
    return err;
}

static int each_in(int epfd, magic__epoll_cb_t cb, void *ctx)
{
    struct set s = { .epfd = epfd, .fresh = -1, .cb = cb, .ctx = ctx };
    int err = visit_set(&s);

    return !err && s.changed ? replace_set(&s) : err;
}

static int is_epoll(int fd)
{
    char path[64], target[64];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    n = readlink(path, target, sizeof(target) - 1);
    if (n < 0)
        return 0;
    target[n] = '\0';
    return strcmp(target, "anon_inode:[eventpoll]") == 0;
}

/* A directory entry as getdents64(2) gives it: opendir() would allocate. */
struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short len;
    unsigned char type;
    char name[];
};

int magic__os_epoll_each(magic__epoll_cb_t cb, void *ctx)
{
    _Alignas(struct entry) char buf[4096];
    int dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), err = 0;
    long n;

    if (dir < 0)
        return errno;
    while (!err && (n = syscall(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
        for (long at = 0; !err && at < n;) {
            const struct entry *e = (const void *) (buf + at);
            char *end;
            long fd = strtol(e->name, &end, 10);

            at += e->len;
            if (end != e->name && *end == '\0' && fd != dir && is_epoll((int) fd))
                err = each_in((int) fd, cb, ctx);
        }
    }
    close(dir);
    return err;
}
