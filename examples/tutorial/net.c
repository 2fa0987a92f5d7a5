/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The weather station's connections: one epoll set, a line in, a line out.
 *
 * Everything here lives on over all updates: the listening socket, the epoll set, in which the kernel
 * keeps the addresses of connections, and the list of them.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sef/sef.h>

#include "station.h"

struct link conns = { &conns, &conns };
unsigned n_conns;
static int epoll_fd, listen_fd;

void say(struct conn *c, const char *format, ...)
{
    char line[400];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof(line) - 1, format, args);
    va_end(args);
    strcat(line, "\n");
    (void) !send(c->fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void begin(void)
{
    struct conn *c = calloc(1, sizeof(*c));
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

    if (!c)
        return;
    c->fd = accept(listen_fd, NULL, NULL);
    if (c->fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event) != 0) {
        close(c->fd);
        free(c);
        return;
    }
    c->link = (struct link) { conns.prev, &conns };
    conns.prev = conns.prev->next = &c->link;
    n_conns++;
    greet(c);
}

static void end(struct conn *c)
{
    c->link.prev->next = c->link.next;
    c->link.next->prev = c->link.prev;
    n_conns--;
    close(c->fd);
    free(c);
}

static void ready(struct conn *c)
{
    ssize_t n = recv(c->fd, c->line + c->used, sizeof(c->line) - c->used, MSG_DONTWAIT);
    char *newline;

    if (n <= 0 || (c->used += n) == sizeof(c->line)) {
        end(c);
        return;
    }
    while ((newline = memchr(c->line, '\n', c->used)) != NULL) {
        *newline++ = '\0';
        serve(c, c->line);
        c->used -= newline - c->line;
        memmove(c->line, newline, c->used);
    }
}

void net_turn(void)
{
    struct epoll_event event;

    if (sef_epoll_wait(epoll_fd, &event, 1, -1) != 1)
        return;
    if (event.data.ptr)
        ready(event.data.ptr);
    else
        begin();
}

static int write_port(const char *path)
{
    struct sockaddr_in address;
    socklen_t len = sizeof(address);
    FILE *file = fopen(path, "w");

    if (!file || getsockname(listen_fd, (struct sockaddr *) &address, &len) != 0)
        return errno;
    fprintf(file, "%d\n", ntohs(address.sin_port));
    return fclose(file) == 0 ? 0 : errno;
}

int net_init(const char *port_file)
{
    struct sockaddr_in any = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };

    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (epoll_fd < 0 || listen_fd < 0 ||
        bind(listen_fd, (const struct sockaddr *) &any, sizeof(any)) != 0 ||
        listen(listen_fd, 16) != 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &event) != 0)
        return errno;
    return write_port(port_file);
}
