/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding the supervisor again after it was killed or replaced.
 *
 * A supervisor says in SEF_RESUME_SOCKET where its successor will listen. Once its socket is at its end the
 * service tries there, again and again at its quiescent points, and goes on working meanwhile. What the
 * service's own loop waits for is an epoll set (sef_fd()) that has the socket in it, or the timer of the next
 * attempt: so its number stays the same, whichever supervisor there is or is not.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "sef_internal.h"

enum { FIRST_DELAY_MS = 20, LAST_DELAY_MS = 1000 };

static struct {
    struct sockaddr_un address; /**< of the next supervisor; sun_path is "" if there will be none */
    int watch;                  /**< epoll set: what sef_fd() is; -1 */
    int timer;                  /**< of the next attempt, -1: none */
    unsigned delay_ms;
    bool joining; /**< who this is was told, perhaps to who keeps the socket, and not answered */
} resume = { .watch = -1, .timer = -1 };

static void close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static int watch_fd(int fd)
{
    struct epoll_event event = { .events = EPOLLIN };

    return epoll_ctl(resume.watch, EPOLL_CTL_ADD, fd, &event) == 0 ? OK : errno;
}

int sef__resume_open(void)
{
    const char *path = getenv(SEF_RESUME_SOCKET_ENV);

    resume.address.sun_family = AF_UNIX;
    if (path && strlen(path) < sizeof(resume.address.sun_path))
        strcpy(resume.address.sun_path, path);
    unsetenv(SEF_RESUME_SOCKET_ENV);
    resume.watch = epoll_create1(EPOLL_CLOEXEC);
    if (resume.watch < 0)
        return errno;
    return sef__self.control_fd >= 0 ? watch_fd(sef__self.control_fd) : OK;
}

/* Wait for the next attempt. */
static void arm(void)
{
    const struct itimerspec delay = {
        .it_value = { resume.delay_ms / 1000, (long) (resume.delay_ms % 1000) * 1000000 },
    };

    if (timerfd_settime(resume.timer, 0, &delay, NULL) != 0)
        close_fd(&resume.timer);
    resume.delay_ms = resume.delay_ms * 2 < LAST_DELAY_MS ? resume.delay_ms * 2 : LAST_DELAY_MS;
}

void sef__resume_disown(void)
{
    resume.watch = epoll_create1(EPOLL_CLOEXEC);
    resume.timer = -1;
}

void sef__resume_lost(void)
{
    resume.joining = false;
    if (resume.watch < 0)
        return;
    epoll_ctl(resume.watch, EPOLL_CTL_DEL, sef__self.control_fd, NULL);
    if (resume.address.sun_path[0] && resume.timer < 0) {
        resume.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
        resume.delay_ms = FIRST_DELAY_MS;
    }
    if (resume.timer >= 0 && watch_fd(resume.timer) == OK)
        arm();
    else
        close_fd(&resume.timer);
    if (resume.timer < 0)
        close_fd(&resume.watch);
}

void sef__resume_forked(void)
{
    resume.joining = false;
    close_fd(&resume.watch);
    close_fd(&resume.timer);
    resume.address.sun_path[0] = '\0';
}

/* Say who this is. The supervisor knows the process; label and endpoint are what it should remember. */
static void introduce(int state)
{
    struct sef_packet packet;

    sef__wire_init(&packet, RS_RESUME, OK);
    packet.pid = getpid();
    packet.restarts = sef__self.restarts;
    packet.state = state;
    sef__wire_text(&packet, "%s", sef__self.label);
    sef__control_send(&packet);
}

int sef__resume_join(int state)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && connect(fd, (struct sockaddr *) &resume.address, sizeof(resume.address)) != 0)
        close_fd(&fd);
    if (fd < 0 || watch_fd(fd) != OK) {
        close_fd(&fd);
        return ENOTCONN;
    }
    if (resume.timer >= 0)
        epoll_ctl(resume.watch, EPOLL_CTL_DEL, resume.timer, NULL);
    close_fd(&resume.timer);
    sef__control_take(fd);
    resume.joining = true;
    introduce(state);
    sef__ipc_resume();
    return OK;
}

void sef__resume_try(void)
{
    uint64_t expirations;

    if (resume.timer < 0 || read(resume.timer, &expirations, sizeof(expirations)) < 0)
        return;
    if (sef__resume_join(sef__crash_alone() ? SEF_CRASHED_REPLICA : 0) != OK)
        arm();
}

void sef__resume_answer(const struct sef_packet *packet)
{
    resume.joining = false;
    if (packet->result == OK) {
        sef__self.endpoint = packet->endpoint;
        sef__self.restarts = packet->restarts;
        sef__crash_set_alone(false);
        return;
    }
    /* The service was started again meanwhile, or is to stay ended. */
    if (sef__crash_alone())
        _exit(EXIT_FAILURE);
    /* The service is not this supervisor's. */
    resume.address.sun_path[0] = '\0';
    sef__control_lost();
}

bool sef__resume_expected(void)
{
    return resume.address.sun_path[0] != '\0';
}

bool sef__resume_waits(void)
{
    return resume.timer >= 0 || resume.joining;
}

int sef__resume_fd(void)
{
    return resume.watch;
}

int sef__wait_fd(void)
{
    if (!sef__self.started)
        return -1;
    return sef__self.control_fd >= 0 ? sef__self.control_fd : resume.timer;
}
