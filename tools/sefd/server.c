/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The control socket.
 *
 * A lock file beside the socket says who serves it: the lock goes with its holder, so a socket
 * whose lock is free was left by a dead daemon, and two daemons that start at once cannot both
 * take it. The lock is the process's, not the descriptor's: a child that a killed daemon was about to
 * turn into another program does not hold it. When all places are taken the longest-waiting client that has
 * not stated its request makes room, so that idle connections cannot lock anybody out.
 */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-event.h>

#include "access.h"
#include "client.h"
#include "control.h"
#include "daemon.h"
#include "kept.h"
#include "log.h"

struct server {
    struct daemon *daemon;
    char path[PATH_MAX];
    struct stat made; /**< the socket file this daemon made */
    int lock_fd, fd;
    int spare_fd; /**< given up to answer a client when no descriptor is free */
    sd_event_source *source;
    struct client *clients;
};

enum { ACCEPTS_A_TURN = 16 };

static int take_lock(struct server *server)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s.lock", server->path) >= (int) sizeof path)
        return -ENAMETOOLONG;
    server->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (server->lock_fd < 0)
        return -errno;
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (fcntl(server->lock_fd, F_SETLK, &lock) < 0)
        return errno == EACCES || errno == EAGAIN ? -EADDRINUSE : -errno;
    return 0;
}

/* Go on with the socket of an earlier daemon, if it was kept, or remove its file. */
static int replace_stale(struct server *server)
{
    struct stat st;
    if (lstat(server->path, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(st.st_mode))
        return -ENOTSOCK;
    log_info("an earlier sefd was killed: waiting for its services");
    server->fd = kept_take(&server->daemon->kept, "control", server->path);
    if (server->fd >= 0)
        server->made = st;
    return server->fd < 0 && unlink(server->path) < 0 ? -errno : 0;
}

static int bind_at(struct server *server, const struct sockaddr_un *address)
{
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->fd < 0 || bind(server->fd, (const struct sockaddr *) address, sizeof *address) < 0)
        return -errno;
    if (stat(server->path, &server->made) < 0 || listen(server->fd, SOMAXCONN) < 0)
        return -errno;
    return 0;
}

/* Let those connect whom the options say. Nobody else can change the directory of the socket; the runtime
 * directory is one that others may pass then, and not read. */
static int open_to_others(const struct server *server)
{
    const struct daemon_options *options = &server->daemon->options;
    struct stat st;
    if (lchown(server->path, (uid_t) -1, options->socket_gid) < 0 ||
        chmod(server->path, options->socket_mode) < 0)
        return -errno;
    if (options->socket || !(options->socket_mode & 066))
        return 0;
    if (stat(server->daemon->runtime_dir, &st) < 0 ||
        chmod(server->daemon->runtime_dir, (st.st_mode & 07777) | 011) < 0)
        return -errno;
    return 0;
}

const char *server_path(const struct server *server)
{
    return server->path;
}

static int listen_at(struct server *server)
{
    struct sockaddr_un address;
    int r = control_address(server->path, &address);
    if (r == 0)
        r = take_lock(server);
    if (r == 0)
        r = replace_stale(server);
    if (r == 0 && server->fd < 0)
        r = bind_at(server, &address);
    if (r == 0)
        kept_add("control", server->path, server->fd);
    return r;
}

static void refuse(int fd, int error, const char *text)
{
    json_t *reply = client_reply_new(error, text);
    unsigned char *frame;
    size_t len;
    /* A new connection's buffer holds this much; who does not read it has chosen so. */
    if (reply && control_frame(reply, CONTROL_REPLY_MAX, &frame, &len) == 0) {
        (void) send(fd, frame, len, MSG_NOSIGNAL | MSG_DONTWAIT);
        free(frame);
    }
    json_decref(reply);
    close(fd);
}

/* Find a place, if need be that of one who has not stated its request. Who is no master takes none from masters. */
static bool make_room(struct server *server, uid_t uid)
{
    struct client **list = &server->clients;
    bool guest = !access_is_master(uid);
    if (guest && clients_count(*list, CLIENTS_USER, uid) >= SERVER_USER_MAX)
        return clients_evict(*list, CLIENTS_USER, uid);
    if (guest && clients_count(*list, CLIENTS_GUESTS, uid) >= SERVER_GUESTS_MAX)
        return clients_evict(*list, CLIENTS_GUESTS, uid);
    return clients_count(*list, CLIENTS_ALL, uid) < SERVER_CLIENTS_MAX ||
           clients_evict(*list, guest ? CLIENTS_GUESTS : CLIENTS_ALL, uid);
}

static void admit(struct server *server, int fd)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) < 0) {
        close(fd);
        return;
    }
    if (!make_room(server, peer.uid)) {
        refuse(fd, EAGAIN, "too many requests are waiting: try again when one has ended");
        return;
    }
    int r = client_create(server->daemon, fd, &peer, NULL);
    if (r < 0)
        log_error("connection lost: %s", strerror(-r));
}

/* Without a free descriptor accept4() fails before it looks whether anybody waits. */
static bool is_waited_for(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    return poll(&p, 1, 0) == 1;
}

/* Out of descriptors a connection would stay queued, and this would spin. */
static void turn_away(struct server *server, int fd)
{
    log_error("no file descriptor is free for a request: raise the limit of sefd (RLIMIT_NOFILE)");
    close(server->spare_fd);
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (peer >= 0)
        refuse(peer, EMFILE,
            "no file descriptor is free for a request: raise the limit of sefd (RLIMIT_NOFILE)");
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *data)
{
    struct server *server = data;
    (void) source;
    (void) events;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (peer >= 0) {
            admit(server, peer);
            continue;
        }
        int error = errno;
        if (error == EMFILE || error == ENFILE) {
            if (!is_waited_for(fd))
                break;
            if (!clients_evict(server->clients, CLIENTS_GUESTS, 0) &&
                !clients_evict(server->clients, CLIENTS_ALL, 0))
                turn_away(server, fd);
            continue;
        }
        if (error != EAGAIN && error != ECONNABORTED && error != EINTR)
            log_error("cannot accept: %s", strerror(error));
        break;
    }
    return 0;
}

int server_create(struct daemon *daemon, struct server **ret)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return -ENOMEM;
    server->daemon = daemon;
    server->fd = daemon->inherited.control;
    server->lock_fd = daemon->inherited.lock;
    server->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    const char *socket = daemon->options.socket;
    int n = socket ? snprintf(server->path, sizeof server->path, "%s", socket)
                   : snprintf(server->path, sizeof server->path, "%s/control", daemon->runtime_dir);
    int r = n < (int) sizeof server->path ? 0 : -ENAMETOOLONG;
    if (r == 0)
        r = server->fd < 0 ? listen_at(server) : stat(server->path, &server->made) < 0 ? -errno : 0;
    if (r == 0)
        r = open_to_others(server);
    if (r == 0)
        r = sd_event_add_io(
            daemon->event, &server->source, server->fd, EPOLLIN, on_connect, server);
    if (r < 0) {
        log_error("control socket %s: %s", server->path,
            r == -EADDRINUSE     ? "another sefd serves it"
            : r == -ENOTSOCK     ? "a file that is no socket has this name"
            : r == -ENAMETOOLONG ? "a path that is too long for a socket"
                                 : strerror(-r));
        server_destroy(server);
        return r;
    }
    *ret = server;
    return 0;
}

void server_stop_listening(struct server *server)
{
    struct stat st;
    sd_event_source_unref(server->source);
    server->source = NULL;
    if (server->fd < 0)
        return;
    close(server->fd);
    server->fd = -1;
    if (server->made.st_ino && lstat(server->path, &st) == 0 && st.st_ino == server->made.st_ino &&
        st.st_dev == server->made.st_dev) {
        kept_remove("control", server->path);
        unlink(server->path);
    }
}

void server_destroy(struct server *server)
{
    if (!server)
        return;
    while (server->clients)
        client_destroy(server->clients);
    server_stop_listening(server);
    if (server->lock_fd >= 0)
        close(server->lock_fd);
    close(server->spare_fd);
    free(server);
}

int server_fd(const struct server *server)
{
    return server->fd;
}

int server_lock(const struct server *server)
{
    return server->lock_fd;
}

struct client **server_clients(struct server *server)
{
    return &server->clients;
}
