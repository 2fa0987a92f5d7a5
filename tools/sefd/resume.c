/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services of an earlier daemon come back, and those that closed their socket while they started.
 */
#include "resume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sef/sef.h>

#include "channel.h"
#include "control.h"
#include "daemon.h"
#include "images.h"
#include "kept.h"
#include "log.h"
#include "process.h"
#include "record.h"
#include "rights.h"
#include "service.h"

enum {
    GUESTS_MAX = 64,
    GUESTS_OF_ONE_MAX = 4, /* of one service, or of all that are of none */
    HELLO_MS = 2000,       /* for a connection to say who it is */
    CLAIM_MS = 3000,       /* for a new version or a replica to come after its old one */
};

/* A connection that has not said yet who it is. */
struct guest {
    struct resume *resume;
    struct guest *next;
    int fd;
    pid_t
        pid; /**< that connected, by the kernel's word: what comes with a packet is the sender's, if it is root */
    pid_t sid; /**< session of the service that it is of, or 0 */
    sd_event_source *source, *limit;
};

struct resume {
    struct daemon *daemon;
    char path[PATH_MAX];
    int fd;
    sd_event_source *source;
    struct guest *guests;
    size_t n_guests;
};

const char *resume_path(const struct resume *resume)
{
    return resume->path;
}

int resume_fd(const struct resume *resume)
{
    return resume->fd;
}

/* Forget a connection; `fd` stays open if it has become a service's. */
static void dismiss(struct guest *guest, bool close_fd)
{
    struct guest **at = &guest->resume->guests;
    while (*at != guest)
        at = &(*at)->next;
    *at = guest->next;
    guest->resume->n_guests--;
    sd_event_source_disable_unref(guest->source);
    sd_event_source_disable_unref(guest->limit);
    if (close_fd)
        close(guest->fd);
    free(guest);
}

/* ---- Who it is --------------------------------------------------------------------------- */

/* Whether another process may come in the place of the one of the record. */
static bool has_successor(const struct service *service)
{
    return service->resume.image || recovery_may_continue(service);
}

static bool adopt_new_version(struct service *service, pid_t pid)
{
    if (!service->resume.image || service_adopt(service, pid, service->resume.image) < 0)
        return false;
    images_remove(service->daemon, service->label, service->previous);
    service->config.image_asked = service->resume.asked;
    service->previous = service->generation;
    service->generation = service->resume.generation;
    service->updates++;
    log_info("%s: the new version took over while there was no sefd", service->label);
    return true;
}

static bool adopt_replica(struct service *service, pid_t pid)
{
    pid_t crashed = service->pid;
    if (!recovery_may_continue(service) || service_adopt(service, pid, service->image) < 0)
        return false;
    recovery_continued(service, crashed);
    return true;
}

/* The process of the record has gone; `pid` is of its session, and says that it goes on for it. */
static bool adopt(struct service *service, const struct sef_packet *packet, pid_t pid)
{
    if (service->tracked || !service->resume.expected || getsid(pid) != service->sid)
        return false;
    service->resume.met = packet->state == SEF_CRASHED_REPLICA ? adopt_replica(service, pid)
                                                               : adopt_new_version(service, pid);
    return service->resume.met;
}

static int answer(int fd, const struct service *service)
{
    struct sef_packet packet;
    channel_packet(&packet, RS_RESUME);
    packet.result = service ? OK : ESRCH;
    packet.endpoint = service ? service->endpoint : NONE;
    packet.restarts = service ? (int32_t) service->restarts : 0;
    return channel_send(fd, &packet);
}

/* Whether a process that is not a service's instance may be so later: it is told nothing, and comes again. */
static bool may_come_again(
    const struct service *service, const struct sef_packet *packet, pid_t pid)
{
    if (!service || service->sid != getsid(pid) || service->bad_packets > SERVICE_BAD_PACKETS_MAX)
        return false;
    return packet->state != SEF_CRASHED_REPLICA || service->resume.expected;
}

static bool is_awaited(const struct service *service)
{
    return service->control < 0 &&
           (service->state == SERVICE_RUNNING || service->state == SERVICE_STARTING);
}

static struct service *find_starting(const struct daemon *daemon, pid_t pid)
{
    struct service *s = daemon->services;
    while (s && !(s->state == SERVICE_STARTING && s->tracked && s->pid == pid))
        s = s->next;
    return s;
}

static void welcome(struct guest *guest, const struct sef_packet *packet, pid_t pid)
{
    struct daemon *daemon = guest->resume->daemon;
    bool untold = packet->state == SEF_RESUME_UNTOLD;
    struct service *service =
        untold ? find_starting(daemon, pid) : service_find(daemon, packet->text);
    if (service && is_awaited(service) && service->bad_packets <= SERVICE_BAD_PACKETS_MAX &&
        ((service->tracked && service->pid == pid) || adopt(service, packet, pid))) {
        int fd = guest->fd;
        dismiss(guest, false);
        free(service->resume.image);
        service->resume.image = NULL;
        service_attach(service, fd);
        if (answer(fd, service) < 0 || (untold && service_tell(service) < 0))
            log_error("%s: came back, and does not read its socket", service->label);
        return;
    }
    if (!may_come_again(service, packet, pid))
        (void) answer(guest->fd, NULL);
    dismiss(guest, true);
}

static int on_hello(sd_event_source *source, int fd, uint32_t events, void *data)
{
    struct guest *guest = data;
    union {
        struct sef_packet packet;
        struct sef_ipc_packet ipc;
    } in;
    pid_t sender;
    (void) source;
    (void) events;
    int r = channel_receive(fd, &in.packet, &sender);
    if (r == 0 && in.packet.type == RS_RESUME && sender == guest->pid)
        welcome(guest, &in.packet, guest->pid);
    else if (r != -EAGAIN)
        dismiss(guest, true);
    return 0;
}

static int on_hello_limit(sd_event_source *source, uint64_t usec, void *data)
{
    (void) source;
    (void) usec;
    dismiss(data, true);
    return 0;
}

/* The session of the service that a process belongs to, or 0. */
static pid_t session_of(const struct resume *resume, pid_t pid)
{
    pid_t sid = getsid(pid);
    const struct service *s = resume->daemon->services;
    while (s && s->sid != sid && !(s->tracked && s->pid == pid))
        s = s->next;
    return s ? s->sid : 0;
}

/* No service may take the places of others. */
static bool has_place(const struct resume *resume, pid_t sid)
{
    size_t n = 0;
    for (const struct guest *g = resume->guests; g; g = g->next)
        n += g->sid == sid;
    return n < GUESTS_OF_ONE_MAX && resume->n_guests < GUESTS_MAX;
}

static void admit(struct resume *resume, int fd)
{
    struct ucred peer = { .pid = 0 };
    socklen_t len = sizeof peer;
    (void) getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
    pid_t sid = session_of(resume, peer.pid);
    struct guest *guest = peer.pid > 0 && has_place(resume, sid) ? calloc(1, sizeof *guest) : NULL;
    if (!guest) {
        close(fd); /* it comes again */
        return;
    }
    guest->resume = resume;
    guest->fd = fd;
    guest->pid = peer.pid;
    guest->sid = sid;
    guest->next = resume->guests;
    resume->guests = guest;
    resume->n_guests++;
    int r = sd_event_add_io(resume->daemon->event, &guest->source, fd, EPOLLIN, on_hello, guest);
    if (r >= 0)
        r = daemon_timer(resume->daemon, &guest->limit, HELLO_MS, on_hello_limit, guest);
    if (r < 0)
        dismiss(guest, true);
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *data)
{
    (void) source;
    (void) events;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (peer >= 0)
        admit(data, peer);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        log_error("cannot accept a service: %s", strerror(errno));
    return 0;
}

/* ---- The socket -------------------------------------------------------------------------- */

static int listen_at(struct resume *resume)
{
    struct sockaddr_un address;
    int r = control_address(resume->path, &address);
    if (r < 0)
        return r;
    resume->fd = kept_take(&resume->daemon->kept, "resume", resume->path);
    if (resume->fd >= 0)
        return 0;
    resume->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (resume->fd < 0 || (unlink(resume->path) < 0 && errno != ENOENT) ||
        bind(resume->fd, (struct sockaddr *) &address, sizeof address) < 0 ||
        listen(resume->fd, SOMAXCONN) < 0)
        return -errno;
    return 0;
}

/* Connections inherit it. If each asked for it by itself, what a service said before that would come without
 * the number of its process. */
static int pass_credentials(int fd)
{
    int on = 1;
    return setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0 ? -errno : 0;
}

int resume_create(struct daemon *daemon, int inherited, struct resume **ret)
{
    struct resume *resume = calloc(1, sizeof *resume);
    if (!resume)
        return -ENOMEM;
    resume->daemon = daemon;
    resume->fd = inherited;
    int n = snprintf(resume->path, sizeof resume->path, "%s/resume", daemon->runtime_dir);
    int r = n >= (int) sizeof resume->path ? -ENAMETOOLONG : inherited < 0 ? listen_at(resume) : 0;
    if (r == 0)
        r = pass_credentials(resume->fd);
    if (r == 0 && inherited < 0)
        kept_add("resume", resume->path, resume->fd);
    if (r == 0)
        r = sd_event_add_io(
            daemon->event, &resume->source, resume->fd, EPOLLIN, on_connect, resume);
    if (r < 0) {
        log_error("socket of services %s: %s", resume->path, strerror(-r));
        resume_destroy(resume);
        return r;
    }
    *ret = resume;
    return 0;
}

void resume_destroy(struct resume *resume)
{
    if (!resume)
        return;
    while (resume->guests)
        dismiss(resume->guests, true);
    sd_event_source_disable_unref(resume->source);
    if (resume->fd >= 0) {
        kept_remove("resume", resume->path);
        close(resume->fd);
    }
    free(resume);
}

/* ---- Services of records ----------------------------------------------------------------- */

static int on_claim_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    (void) source;
    (void) usec;
    service->timer = sd_event_source_disable_unref(service->timer);
    if (!service->tracked)
        service_gone(service);
    return 0;
}

/* The process has gone. The new version of an update, or a replica, may still come. */
static void await_claim(struct service *service)
{
    if (!has_successor(service) ||
        daemon_timer(service->daemon, &service->timer, CLAIM_MS, on_claim_limit, service) < 0)
        service_gone(service);
}

bool resume_instance_ended(struct service *service)
{
    if (service->state != SERVICE_RUNNING || !service->resume.expected || !has_successor(service))
        return false;
    await_claim(service);
    return true;
}

void resume_expect(struct service *service, pid_t pid, uint64_t pid_start, bool ended)
{
    service->state = ended ? SERVICE_ENDED : SERVICE_RUNNING;
    if (ended)
        return;
    service->resume.expected = true;
    ipc_open(service);
    service->pid = pid;
    if (pid > 0 && process_start(pid) == pid_start && service_track(service, pid) == 0) {
        service->resume.met = true;
        rights_open(service);
        log_info("%s: process %d is there", service->label, (int) pid);
        return;
    }
    snprintf(service->end, sizeof service->end, "ended while there was no sefd");
    await_claim(service);
}
