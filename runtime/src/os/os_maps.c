/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The list of mappings, from /proc/self/maps.
 *
 * Read in pieces into a buffer on the stack: the state transfer walks it while the heap must not
 * change, so neither stdio nor malloc may be used.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os.h"

enum { BUFFER_SIZE = 16384 };

/* Valgrind's allocations are in the upper half of the addresses it uses, from here on. */
#define VALGRIND_FLOOR 0x1000000000u

/* What the callback is shown: on Valgrind, which runs in its client's address space, no memory of
 * Valgrind's own. A pointer of the client that is kept there is not ours to follow or to change. */
struct visitor {
    magic__map_cb_t cb;
    void *ctx;
    int on_valgrind;
    uintptr_t tool_end; /**< of the last mapping of Valgrind's program */
};

struct cursor {
    const char *p, *end;
};

static uint64_t number(struct cursor *c, unsigned base)
{
    uint64_t value = 0;

    for (; c->p < c->end; c->p++) {
        unsigned digit;

        if (*c->p >= '0' && *c->p <= '9')
            digit = (unsigned) (*c->p - '0');
        else if (*c->p >= 'a' && *c->p <= 'f')
            digit = (unsigned) (*c->p - 'a') + 10;
        else
            break;
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    return value;
}

/* Step over one expected character. */
static int skip(struct cursor *c, char expected)
{
    if (c->p == c->end || *c->p != expected)
        return 0;
    c->p++;
    return 1;
}

/* "lo-hi rwxp offset major:minor inode   path"; `end` points at the terminating NUL. */
static int parse_line(const char *line, const char *end, struct magic__map *map)
{
    struct cursor c = { line, end };

    map->lo = number(&c, 16);
    if (!skip(&c, '-'))
        return 0;
    map->hi = number(&c, 16);
    if (!skip(&c, ' ') || c.end - c.p < 5)
        return 0;
    map->prot = (c.p[0] == 'r' ? PROT_READ : 0) | (c.p[1] == 'w' ? PROT_WRITE : 0) |
                (c.p[2] == 'x' ? PROT_EXEC : 0);
    map->shared = c.p[3] == 's';
    c.p += 4;
    if (!skip(&c, ' '))
        return 0;
    number(&c, 16);
    if (!skip(&c, ' '))
        return 0;
    number(&c, 16);
    if (!skip(&c, ':'))
        return 0;
    number(&c, 16);
    if (!skip(&c, ' '))
        return 0;
    map->inode = number(&c, 10);
    while (skip(&c, ' '))
        ;
    map->path = c.p;
    return map->lo < map->hi;
}

static int is_valgrinds(struct visitor *v, const struct magic__map *map)
{
    const int any = PROT_READ | PROT_WRITE | PROT_EXEC;

    if (map->inode && strstr(map->path, "/valgrind/") && !strstr(map->path, "/vgpreload_")) {
        v->tool_end = map->hi;
        return 1;
    }
    if (map->inode)
        return 0;
    /* Its program's zeroed data, its heap, and the stack that the kernel made. */
    return map->lo == v->tool_end || (map->lo >= VALGRIND_FLOOR && map->prot == any) ||
           strcmp(map->path, "[stack]") == 0;
}

/* Hand all complete lines of buf[0, used) to the visitor; *used becomes what is left. */
static int consume(char *buf, size_t *used, struct visitor *v)
{
    char *line = buf, *end;
    struct magic__map map;
    int ret = 0;

    while (!ret && (end = memchr(line, '\n', *used - (size_t) (line - buf)))) {
        *end = '\0';
        if (parse_line(line, end, &map) && !(v->on_valgrind && is_valgrinds(v, &map)))
            ret = v->cb(v->ctx, &map);
        line = end + 1;
    }
    *used -= (size_t) (line - buf);
    memmove(buf, line, *used);
    return ret;
}

int magic__os_maps(magic__map_cb_t cb, void *ctx)
{
    struct visitor visitor = { .cb = cb, .ctx = ctx, .on_valgrind = magic__os_on_valgrind() };
    char buf[BUFFER_SIZE];
    size_t used = 0;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC), ret = 0;

    if (fd < 0)
        return -1;
    while (!ret) {
        ssize_t n = read(fd, buf + used, sizeof(buf) - used);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            ret = -1;
        if (n <= 0)
            break;
        used += (size_t) n;
        ret = consume(buf, &used, &visitor);
    }
    int saved = errno;

    close(fd);
    errno = saved;
    return ret;
}
