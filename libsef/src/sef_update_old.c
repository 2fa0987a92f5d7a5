/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The old instance's side of an update: ready, fork, watch, and commit or roll back.
 *
 * The old instance alone decides. It sleeps here, untouched, and listens to the supervisor and to
 * its child; whatever goes wrong, it kills and reaps the child and returns to the service. It gives
 * the service up in one place only, by ending right after the child was told to go on.
 *
 * A rehearsal does the same on a fork of a fork, which the service is no parent of.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks.h"
#include "sef_internal.h"

/* How long a service stays ready for a supervisor that says nothing, and how much longer than the
 * limit it waits for a commit. */
#define READY_LIMIT_MS  10000
#define START_LIMIT_MS  10000
#define COMMIT_GRACE_MS 1000

struct update {
    struct sef__inherit inherit;
    uint64_t ready_time; /**< when the service stopped working */
    uint64_t deadline;
    uint64_t ns_fork;
    uint32_t limit_ms;
    pid_t pid; /**< the new instance, 0 before it was forked */
    bool reaped;
    int link, pidfd;
    int phase;                /**< enum sef__phase the new instance is in */
    struct sef_packet report; /**< text and statistics for the supervisor */
};

/* Static because the new instance needs it after it left this stack. One at a time. */
static struct update update;

__attribute__((format(printf, 3, 4))) static int fail(
    struct update *u, int error, const char *format, ...)
{
    char text[SEF_WIRE_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    sef__wire_text(&u->report, "%s", text);
    return error;
}

static const char *phase_text(int phase)
{
    switch (phase) {
    case SEF__PHASE_LOAD:
        return "while its image was being loaded";
    case SEF__PHASE_MAIN:
        return "before sef_startup()";
    case SEF__PHASE_INIT:
        return "during init";
    default:
        return "after init";
    }
}

static pid_t quiet_fork(void)
{
    pid_t pid;

    sef__self.own_fork = true;
    pid = fork();
    sef__self.own_fork = false;
    return pid;
}

/* Fork the new instance. Does not return in it. */
static int spawn(struct update *u)
{
    struct sef__inherit *inherit = &u->inherit;
    int pair[2], error;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return fail(u, errno, "cannot make a socket pair: %s", sef__strerror(errno));
    inherit->link = pair[1];
    sef__os_timers_get(&inherit->timers);
    inherit->fork_time = sef__os_now();
    u->pid = quiet_fork();
    error = errno;
    u->ns_fork = sef__os_now() - inherit->fork_time;
    if (u->pid == 0) {
        close(pair[0]);
        sef__update_become(inherit);
    }
    close(pair[1]);
    u->link = pair[0];
    if (u->pid < 0) {
        u->pid = 0;
        return fail(u, error, "cannot fork: %s", sef__strerror(error));
    }
    u->pidfd = pidfd_open(u->pid, 0);
    if (u->pidfd < 0)
        return fail(u, errno, "cannot watch the new instance: %s", sef__strerror(errno));
    return OK;
}

/* The new instance ended by itself. */
static int ended(struct update *u)
{
    const int status = sef__os_reap(u->pid);
    const int sig = WTERMSIG(status);

    u->reaped = true;
    if (!WIFSIGNALED(status))
        return fail(u, ERESTART_SEF, "new version exited with status %d %s", WEXITSTATUS(status),
            phase_text(u->phase));
    return fail(u, ERESTART_SEF, "new version %s SIG%s %s",
        sig == SIGKILL || sig == SIGTERM ? "was ended by" : "crashed with",
        sigabbrev_np(sig) ? sigabbrev_np(sig) : "RT", phase_text(u->phase));
}

static int timed_out(struct update *u)
{
    if (u->phase == SEF__PHASE_DONE)
        return fail(u, EINTR, "no commit within %u ms", u->limit_ms + COMMIT_GRACE_MS);
    return fail(
        u, EINTR, "new version hung %s: not done within %u ms", phase_text(u->phase), u->limit_ms);
}

/* The new instance's initialisation is done. */
static int initialised(struct update *u, const struct sef_packet *result)
{
    u->phase = SEF__PHASE_DONE;
    u->report = *result;
    u->report.type = RS_LU_START;
    u->report.pid = u->pid;
    u->report.endpoint = sef__self.endpoint;
    u->report.stats.ns_fork = u->ns_fork;
    u->report.stats.ns_pause = sef__os_now() - u->ready_time;
    if (result->result != OK)
        return result->result;
    if (u->inherit.rehearse)
        return OK;
    u->deadline += (uint64_t) COMMIT_GRACE_MS * SEF__NS_PER_MS;
    return sef__control_send(&u->report) == OK ? EAGAIN
                                               : fail(u, ENOTCONN, "the supervisor is gone");
}

static int from_child(struct update *u)
{
    struct sef_packet packet;
    int r = sef__wire_recv(u->link, &packet);

    if (r == OK && packet.type == SEF__LINK_RESULT)
        return initialised(u, &packet);
    if (r == OK && packet.type == SEF__LINK_PHASE)
        u->phase = packet.state;
    /* End of file: how it ended is known when it has ended. */
    if (r != OK && r != EAGAIN) {
        close(u->link);
        u->link = -1;
    }
    return EAGAIN;
}

static int from_supervisor(struct update *u)
{
    struct sef_packet packet;
    int r = sef__control_next(&packet, 0);

    if (r == ETIMEDOUT)
        return EAGAIN;
    if (r == EBADMSG)
        return fail(u, EBADMSG, "from the supervisor: %s", packet.text);
    if (r != OK)
        return fail(u, r, "the supervisor is gone");
    switch (packet.type) {
    case RS_LU_COMMIT:
        return u->phase == SEF__PHASE_DONE
                   ? OK
                   : fail(u, EINVAL, "commit before the new version was initialised");
    case RS_LU_ROLLBACK:
        return fail(u, EINTR, "%s", packet.text_len ? packet.text : "rolled back on request");
    case RS_LU_PREPARE:
        if (packet.state == SEF_LU_STATE_NULL)
            return fail(u, EINTR, "cancelled on request");
        sef__control_reply(RS_LU_PREPARE, EBUSY, "an update is going on");
        return EAGAIN;
    default:
        return fail(u, EINVAL, "unexpected packet %#x in an update", (unsigned) packet.type);
    }
}

/* Watch child and supervisor. Returns OK when the new instance may have the service. */
static int watch(struct update *u)
{
    int r = EAGAIN;

    while (r == EAGAIN) {
        struct pollfd set[3] = {
            { .fd = u->link, .events = POLLIN },
            { .fd = u->pidfd, .events = POLLIN },
            { .fd = u->inherit.rehearse ? -1 : sef__self.control_fd, .events = POLLIN },
        };
        int n = poll(set, 3, sef__os_timeout(u->deadline));

        /* What a child had to say before it ended says more than how it ended. */
        if (n == 0)
            r = timed_out(u);
        else if (n > 0 && set[0].revents)
            r = from_child(u);
        else if (n > 0 && set[1].revents)
            r = ended(u);
        else if (n > 0)
            r = from_supervisor(u);
    }
    return r;
}

/* Give the service up. Returns only if the new instance is not there to take it. */
static int commit(struct update *u)
{
    struct sef__go go = { .magic = SEF__GO_MAGIC };

    sef__os_timers_stop(&go.timers);
    if (send(u->link, &go, sizeof(go), MSG_NOSIGNAL) == sizeof(go)) {
        sef__os_forward_signals(u->pid);
        _exit(0);
    }
    sef__os_timers_start(&go.timers, 0);
    return fail(u, ERESTART_SEF, "new version died before the commit");
}

static void kill_child(struct update *u)
{
    if (u->pid > 0 && !u->reaped) {
        kill(u->pid, SIGKILL);
        sef__os_reap(u->pid);
    }
    if (u->link >= 0)
        close(u->link);
    if (u->pidfd >= 0)
        close(u->pidfd);
    u->reaped = true;
    u->link = u->pidfd = -1;
}

/* Set an update up from the supervisor's request. */
static void begin(struct update *u, const struct sef_packet *start)
{
    u->limit_ms = start->limit_ms ? start->limit_ms : START_LIMIT_MS;
    u->deadline = sef__os_now() + (uint64_t) u->limit_ms * SEF__NS_PER_MS;
    u->pid = 0;
    u->reaped = false;
    u->link = u->pidfd = -1;
    u->phase = SEF__PHASE_LOAD;
    u->inherit.flags = start->flags | sef__lu.flags;
    u->inherit.prepare_state = sef__lu.state;
    u->inherit.rehearse = (u->inherit.flags & SEF_LU_REHEARSE) != 0;
    memcpy(u->inherit.path, start->text, sizeof(u->inherit.path));
    sef__wire_init(&u->report, RS_LU_START, OK);
}

static int run(struct update *u)
{
    int r;

    if (!magic_image_load || !magic_image_enter || !magic_image_commit)
        return fail(u, ENOSYS, "the service was not built with sef-cc");
    if (u->inherit.path[0] == '\0')
        return fail(u, EINVAL, "no image to update to");
    r = spawn(u);
    return r == OK ? watch(u) : r;
}

/* Update for good. Returns only after a rollback, with its reason, which is reported. */
static int update_for_good(struct update *u)
{
    int r = run(u);

    if (r == OK)
        r = commit(u);
    kill_child(u);
    u->report.type = RS_LU_ROLLBACK;
    u->report.result = r;
    u->report.stats.ns_pause = sef__os_now() - u->ready_time;
    sef__control_send(&u->report);
    return r;
}

/* Run a rehearsal to its end, report, and end. */
_Noreturn static void guard_rehearsal(struct update *u)
{
    int r = run(u);

    kill_child(u);
    u->report.type = RS_LU_START;
    u->report.result = r;
    sef__control_send(&u->report);
    _exit(0);
}

/* Begin a rehearsal. The process that guards it is an orphan at once, so that the service has no
 * child it does not know. */
static int rehearse(struct update *u)
{
    const pid_t helper = quiet_fork();

    if (helper == 0) {
        pid_t guard = quiet_fork();

        if (guard == 0)
            guard_rehearsal(u);
        if (guard < 0)
            sef__control_reply(RS_LU_START, errno, "cannot fork: %s", sef__strerror(errno));
        _exit(0);
    }
    if (helper < 0) {
        sef__control_reply(RS_LU_START, errno, "cannot fork: %s", sef__strerror(errno));
        return EINTR;
    }
    sef__os_reap(helper);
    u->pid = helper;
    return EINTR;
}

/* Wait, ready, for the supervisor's word. OK: `start` is the request to start. */
static int await_start(struct sef_packet *start)
{
    const uint32_t limit = sef__lu.limit_ms ? sef__lu.limit_ms : READY_LIMIT_MS;
    const uint64_t deadline = sef__os_now() + (uint64_t) limit * SEF__NS_PER_MS;

    for (;;) {
        int r = sef__control_next(start, deadline);

        if (r == ETIMEDOUT)
            sef__control_reply(RS_LU_ROLLBACK, EINTR, "ready, but not started within %u ms", limit);
        else if (r == EBADMSG)
            sef__control_reply(RS_LU_ROLLBACK, EBADMSG, "%s", start->text);
        if (r != OK || start->type == RS_LU_START)
            return r == ETIMEDOUT ? EINTR : r;
        if (start->type == RS_LU_PREPARE && start->state == SEF_LU_STATE_NULL)
            return EINTR;
        if (start->type == RS_LU_PREPARE) {
            sef__control_reply(RS_LU_PREPARE, EBUSY, "the service is ready for another update");
            continue;
        }
        sef__control_reply(RS_LU_ROLLBACK, EINTR, "rolled back before the start");
        return EINTR;
    }
}

int sef__update_serve(void)
{
    struct sef_packet start;
    int r;

    if (sef__self.control_fd < 0)
        return ENOTCONN;
    /* What is buffered would be written twice, by this instance and by the new one. */
    fflush(NULL);
    sef__os_freeze(&update.inherit.freeze);
    update.pid = 0;
    update.ready_time = sef__os_now();
    r = sef__control_reply(RS_LU_PREPARE, OK, "%s", "");
    if (r == OK)
        r = await_start(&start);
    if (r == OK) {
        begin(&update, &start);
        r = update.inherit.rehearse ? rehearse(&update) : update_for_good(&update);
    }
    sef__os_thaw_old(&update.inherit.freeze, update.pid);
    return r;
}
