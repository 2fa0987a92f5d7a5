/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Listeners: TCP and Unix stream sockets.
 */
#include "net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 511 };

/* Accept one connection an event; the set is level-triggered, so that no other is forgotten. */
static void listener_ready(struct server *s, struct conn *listener, uint32_t events)
{
    (void) events;
    int fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;

    int on = 1;
    if (listener == s->listeners[LISTEN_TCP])
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    struct conn *c = conn_create(s, fd, listener->transport, client_ready);
    if (c)
        conn_link(s, c);
}

static int listen_on(struct server *s, int which, const struct sockaddr *addr, socklen_t len)
{
    static const char *const transports[LISTEN_COUNT] = { "tcp", "unix" };
    int fd = socket(addr->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;

    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, addr, len) != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        return error;
    }
    s->listeners[which] = conn_create(s, fd, transports[which], listener_ready);
    return s->listeners[which] ? 0 : ENOMEM;
}

/* Tell which port it became, on standard output and in the file asked for. */
static int announce_port(const struct conn *listener, const struct options *o)
{
    struct sockaddr_in addr;
    socklen_t len = sizeof(addr);

    if (getsockname(listener->fd, (struct sockaddr *) &addr, &len) != 0)
        return errno;
    printf("kvd: listening on %s:%d\n", o->bind, ntohs(addr.sin_port));
    fflush(stdout);
    if (!o->port_file)
        return 0;
    FILE *file = fopen(o->port_file, "we");
    if (!file)
        return errno;
    fprintf(file, "%d\n", ntohs(addr.sin_port));
    return fclose(file) == 0 ? 0 : errno;
}

static int listen_tcp(struct server *s, const struct options *o)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_port = htons((uint16_t) o->port) };

    if (inet_pton(AF_INET, o->bind, &addr.sin_addr) != 1) {
        fprintf(stderr, "kvd: %s: not an IPv4 address\n", o->bind);
        return EINVAL;
    }
    int error = listen_on(s, LISTEN_TCP, (const struct sockaddr *) &addr, sizeof(addr));
    if (error == 0)
        error = announce_port(s->listeners[LISTEN_TCP], o);
    if (error != 0)
        fprintf(stderr, "kvd: %s:%d: %s\n", o->bind, o->port, strerror(error));
    return error;
}

static int listen_unix(struct server *s, const struct options *o)
{
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    if (strlen(o->unix_path) >= sizeof(addr.sun_path)) {
        fprintf(stderr, "kvd: %s: path too long for a socket\n", o->unix_path);
        return EINVAL;
    }
    memcpy(addr.sun_path, o->unix_path, strlen(o->unix_path));
    unlink(o->unix_path);
    int error = listen_on(s, LISTEN_UNIX, (const struct sockaddr *) &addr, sizeof(addr));
    if (error != 0)
        fprintf(stderr, "kvd: %s: %s\n", o->unix_path, strerror(error));
    return error;
}

int net_init(struct server *s, const struct options *o)
{
    s->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (s->epoll_fd < 0)
        return errno;

    int error = o->port < 0 ? 0 : listen_tcp(s, o);
    if (error == 0 && o->unix_path)
        error = listen_unix(s, o);
    return error;
}

void net_deinit(struct server *s)
{
    while (s->conns) {
        struct conn *c = s->conns;
        conn_unlink(s, c);
        conn_destroy(s, c);
    }
    for (int i = 0; i < LISTEN_COUNT; i++) {
        if (s->listeners[i])
            conn_destroy(s, s->listeners[i]);
        s->listeners[i] = NULL;
    }
}
