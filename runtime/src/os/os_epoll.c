/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading epoll sets through /proc and replacing them.
 *
 * An epoll set is shared with the old instance after a fork, so it must not be changed; a process
 * that needs other data in it makes its own set. Two passes over the set's fdinfo do without any
 * memory: the first only asks, the second, if something changed, fills the new set.
 *
 * A set that holds sets refers to files, not to numbers. Hence sets are visited from the innermost on,
 * and once one was replaced, those that hold sets are replaced too.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/os_epoll.h"

/** How deep the kernel lets sets be nested (EP_MAX_NESTS). */
enum { NESTED_MAX = 4 };

struct walk {
    magic__epoll_cb_t cb;
    void *ctx;
    int level;     /**< sets are visited that hold sets this deep */
    bool nested;   /**< there are sets that hold sets deeper */
    bool replaced; /**< some set was */
};

struct set {
    struct walk *walk;
    int epfd;
    int fresh;      /**< the set that replaces it, -1 while none is needed */
    uint64_t inode; /**< which all sets share, with few other kinds of files */
    int limit;      /**< of the depth that is looked for */
    int depth;      /**< how deep it holds sets */
    bool changed;
};

static bool is_epoll(int fd)
{
    char path[64], target[64];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    n = readlink(path, target, sizeof(target) - 1);
    if (n < 0)
        return false;
    target[n] = '\0';
    return strcmp(target, "anon_inode:[eventpoll]") == 0;
}

static int depth_of(int epfd, int limit);

/* One line of fdinfo: "tfd: %d events: %x data: %llx pos: %lli ino: %lx ...". Other lines are of no
 * interest. */
static int visit_line(struct set *s, const char *line)
{
    struct magic__epoll_item item = { .epfd = s->epfd, .again = s->fresh >= 0 };
    uint64_t inode = s->inode, data;
    struct epoll_event event;
    int err;

    if (sscanf(line, "tfd: %d events: %" SCNx32 " data: %" SCNx64 " pos: %*d ino: %" SCNx64,
            &item.fd, &item.events, &item.data, &inode) < 3)
        return 0;
    if (!item.again && s->limit && inode == s->inode && is_epoll(item.fd)) {
        int depth = depth_of(item.fd, s->limit - 1) + 1;

        s->depth = depth > s->depth ? depth : s->depth;
    }
    if (!s->walk)
        return 0;
    data = item.data;
    err = s->walk->cb(s->walk->ctx, &item);
    s->changed |= item.data != data;
    if (err || !item.again)
        return err;
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

/* How deep a set holds sets. The number of a descriptor that was closed may be another set's by now: it
 * must not lead in circles. */
static int depth_of(int epfd, int limit)
{
    struct set s = { .epfd = epfd, .fresh = -1, .limit = limit };
    struct stat st;

    if (fstat(epfd, &st) != 0)
        return 0;
    s.inode = st.st_ino;
    return visit_set(&s) == 0 ? s.depth : 0;
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
    s->walk->replaced = true;
    return err;
}

static int each_in(int epfd, struct walk *walk)
{
    struct set s = { .walk = walk, .epfd = epfd, .fresh = -1, .limit = NESTED_MAX };
    struct stat st;
    int err;

    if (fstat(epfd, &st) != 0)
        return errno;
    s.inode = st.st_ino;
    err = visit_set(&s);
    walk->nested |= s.depth > walk->level;
    if (err || s.depth != walk->level)
        return err;
    return s.changed || (s.depth && walk->replaced) ? replace_set(&s) : 0;
}

/* A directory entry as getdents64(2) gives it: opendir() would allocate. */
struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short len;
    unsigned char type;
    char name[];
};

static int each_set(struct walk *walk)
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
                err = each_in((int) fd, walk);
        }
    }
    close(dir);
    return err;
}

int magic__os_epoll_each(magic__epoll_cb_t cb, void *ctx)
{
    struct walk walk = { .cb = cb, .ctx = ctx, .nested = true };
    int err = 0;

    for (; walk.nested && !err; walk.level++) {
        walk.nested = false;
        err = each_set(&walk);
    }
    return err;
}
