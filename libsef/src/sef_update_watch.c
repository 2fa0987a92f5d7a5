/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The old instance follows an update: what the new instance and the supervisor have to say, how the
 * new instance ends, and the time limit.
 */
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "update_old.h"

/* How much longer than the limit a service waits for a commit. */
#define COMMIT_GRACE_MS 1000

/* The new instance's death shows as the end of file on the link, and it can be reaped a moment
 * later. A process that it forked may hold the link open: that is why we also look. */
#define LOOK_MS  50
#define DYING_MS 1

int sef__update_fail(struct update *u, int error, const char *format, ...)
{
    char text[2048];
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

bool sef__update_ended(struct update *u)
{
    u->reaped = u->reaped || sef__os_reap_ended(u->pid, &u->status);
    return u->reaped;
}

/* How the new instance ended, with the last thing it had to say. */
static int ended(struct update *u)
{
    const int sig = WTERMSIG(u->status);
    const char *newline = memrchr(u->log, '\n', u->log_len);
    const char *last = newline ? newline + 1 : u->log;
    const int len = (int) strcspn(last, "\t");
    const char *before = len ? "; its last message: " : "";

    if (!WIFSIGNALED(u->status))
        return sef__update_fail(u, ERESTART_SEF, "new version exited with status %d %s%s%.*s",
            WEXITSTATUS(u->status), phase_text(u->phase), before, len, last);
    return sef__update_fail(u, ERESTART_SEF, "new version %s SIG%s %s%s%.*s",
        sig == SIGKILL || sig == SIGTERM ? "was ended by" : "crashed with",
        sigabbrev_np(sig) ? sigabbrev_np(sig) : "RT", phase_text(u->phase), before, len, last);
}

/* Whether this service and those it is updated with are to commit. */
static bool decided(const struct update *u)
{
    return u->decision >= 0 && u->phase == SEF__PHASE_DONE &&
           sef__os_file_begins(u->decision, SEF_WIRE_DECIDED);
}

static int supervisor_lost(struct update *u, int error)
{
    return decided(u) ? OK : sef__update_fail(u, error, "the supervisor is gone");
}

static int timed_out(struct update *u)
{
    if (decided(u))
        return OK;
    if (u->phase == SEF__PHASE_DONE)
        return sef__update_fail(u, EINTR, "no commit within %u ms", u->limit_ms + COMMIT_GRACE_MS);
    return sef__update_fail(
        u, EINTR, "new version hung %s: not done within %u ms", phase_text(u->phase), u->limit_ms);
}

/* Behind why the initialisation failed, as many whole lines of what was logged as fit. */
static void add_log(struct update *u)
{
    char *text = u->report.text;
    size_t used = u->report.text_len, room = SEF_WIRE_TEXT_MAX - 2 - used, len = u->log_len;

    while (len > room) {
        const char *newline = memrchr(u->log, '\n', len - 1);

        len = newline ? (size_t) (newline - u->log) : 0;
    }
    if (len == 0)
        return;
    text[used++] = '\n';
    memcpy(text + used, u->log, len);
    text[used + len] = '\0';
    u->report.text_len = (uint16_t) (used + len);
}

/* The new instance's initialisation is done. */
static int initialised(struct update *u, const struct sef_packet *result)
{
    u->phase = SEF__PHASE_DONE;
    u->report = *result;
    u->report.type = RS_LU_START;
    u->report.serial = sef__lu.serial;
    u->report.pid = u->pid;
    u->report.endpoint = sef__self.endpoint;
    u->report.stats.ns_fork = u->ns_fork;
    u->report.stats.ns_pause = sef__os_now() - u->ready_time;
    if (result->result != OK) {
        add_log(u);
        return result->result;
    }
    sef__wire_text(&u->report, "%s", u->log);
    if (u->inherit.rehearse)
        return OK;
    u->deadline += (uint64_t) COMMIT_GRACE_MS * SEF__NS_PER_MS;
    return sef__control_send(&u->report) == OK ? EAGAIN : supervisor_lost(u, ENOTCONN);
}

/* Keep a message that the new instance logged, unless there is no room for it. */
static void keep_message(struct update *u, const char *text)
{
    const size_t room = sizeof(u->log) - u->log_len;
    const int n = snprintf(u->log + u->log_len, room, "%s%s", u->log_len ? "\n" : "", text);

    if (n >= 0 && (size_t) n < room)
        u->log_len += (size_t) n;
    u->log[u->log_len] = '\0';
}

static int from_child(struct update *u)
{
    struct sef_packet packet;
    int r = sef__wire_recv(u->link, &packet);

    if (r == ENOTCONN) {
        /* How it ended is known when it has ended. */
        close(u->link);
        u->link = -1;
        return EAGAIN;
    }
    if (r != OK)
        return r == EAGAIN ? r
                           : sef__update_fail(u, r, "from the new version: %s",
                                 r == EBADMSG ? packet.text : sef__strerror(r));
    if (packet.type == SEF__LINK_RESULT)
        return initialised(u, &packet);
    if (packet.type == SEF__LINK_PHASE)
        u->phase = packet.state;
    if (packet.type == SEF__LINK_LOG)
        keep_message(u, packet.text);
    return EAGAIN;
}

static int from_supervisor(struct update *u)
{
    struct sef_packet packet;
    int r = sef__control_next(&packet, 0);

    if (r == ETIMEDOUT)
        return EAGAIN;
    if (r == EBADMSG)
        return sef__update_fail(u, EBADMSG, "from the supervisor: %s", packet.text);
    if (r != OK)
        return supervisor_lost(u, r);
    switch (packet.type) {
    case RS_LU_COMMIT:
        return u->phase == SEF__PHASE_DONE
                   ? OK
                   : sef__update_fail(u, EINVAL, "commit before the new version was initialised");
    case RS_LU_ROLLBACK:
        return sef__update_fail(
            u, EINTR, "%s", packet.text_len ? packet.text : "rolled back on request");
    case RS_LU_PREPARE:
        if (packet.state != SEF_LU_STATE_NULL)
            sef__control_prepared(packet.serial, EBUSY, "an update is going on");
        else if (packet.serial == sef__lu.serial)
            return sef__update_fail(u, EINTR, "cancelled on request");
        return EAGAIN;
    default:
        return sef__update_fail(
            u, EINVAL, "unexpected packet %#x in an update", (unsigned) packet.type);
    }
}

/* How long to wait before the next look at the new instance and at the clock. */
static int patience(const struct update *u)
{
    const int left = sef__os_timeout(u->deadline);
    const int period = u->link < 0 ? DYING_MS : LOOK_MS;

    return left < period ? left : period;
}

int sef__update_watch(struct update *u)
{
    int r = EAGAIN;

    while (r == EAGAIN) {
        struct pollfd set[2] = {
            { .fd = u->link, .events = POLLIN },
            { .fd = u->inherit.rehearse ? -1 : sef__self.control_fd, .events = POLLIN },
        };
        /* Asked first, so that what a child had to say before it ended is there to be read: it
         * says more than how it ended. */
        const bool dead = sef__update_ended(u);

        poll(set, 2, dead ? 0 : patience(u));
        if (set[0].revents)
            r = from_child(u);
        else if (dead)
            r = ended(u);
        else if (set[1].revents)
            r = from_supervisor(u);
        if (r == EAGAIN && sef__os_timeout(u->deadline) == 0)
            r = timed_out(u);
    }
    return r;
}
