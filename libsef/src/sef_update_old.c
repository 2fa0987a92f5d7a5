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
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hooks.h"
#include "update_old.h"

/* How long a service stays ready for a supervisor that says nothing, and its default limit. */
#define READY_LIMIT_MS 10000
#define START_LIMIT_MS 10000

/* Static because the new instance needs it after it left this stack. One at a time. */
static struct update update;

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
        return sef__update_fail(u, errno, "cannot make a socket pair: %s", sef__strerror(errno));
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
        return sef__update_fail(u, error, "cannot fork: %s", sef__strerror(error));
    }
    return OK;
}

/* Opened before it is needed: later it may be gone, as the supervisor is. */
static int open_decision(struct update *u)
{
    const struct sef__inherit *inherit = &u->inherit;

    if (!inherit->decision[0] || inherit->rehearse)
        return OK;
    u->decision = sef__os_file_open(inherit->decision);
    return u->decision >= 0 ? OK
                            : sef__update_fail(u, errno, "cannot read the decision in %s: %s",
                                  inherit->decision, sef__strerror(errno));
}

/* Give the service up. Returns only if the new instance is not there to take it. */
static int commit(struct update *u)
{
    struct sef__go go = { .magic = SEF__GO_MAGIC };

    sef__os_timers_stop(&go.timers);
    if (!sef__update_ended(u) && send(u->link, &go, sizeof(go), MSG_NOSIGNAL) == sizeof(go)) {
        sef__os_forward_signals(u->pid);
        if (magic_image_profile_last)
            magic_image_profile_last();
        _exit(0);
    }
    sef__os_timers_start(&go.timers, 0);
    return sef__update_fail(u, ERESTART_SEF, "new version died before the commit");
}

static void kill_child(struct update *u)
{
    if (u->pid > 0 && !u->reaped) {
        kill(u->pid, SIGKILL);
        sef__os_reap(u->pid);
    }
    if (u->link >= 0)
        close(u->link);
    if (u->decision >= 0)
        close(u->decision);
    u->reaped = true;
    u->link = u->decision = -1;
}

/* Set an update up from the supervisor's request. */
static void begin(struct update *u, const struct sef_packet *start)
{
    char why[256];

    u->limit_ms = start->limit_ms ? start->limit_ms : START_LIMIT_MS;
    u->deadline = sef__os_now() + (uint64_t) u->limit_ms * SEF__NS_PER_MS;
    u->pid = 0;
    u->reaped = false;
    u->link = u->decision = -1;
    u->log_len = 0;
    u->log[0] = '\0';
    u->phase = SEF__PHASE_LOAD;
    u->inherit.flags = start->flags | sef__lu.flags;
    u->inherit.prepare_state = sef__lu.state;
    u->inherit.rehearse = (u->inherit.flags & SEF_LU_REHEARSE) != 0;
    sef__wire_init(&u->report, RS_LU_START, OK);
    u->refused = sef__inherit_read(&u->inherit, start->text, why, sizeof(why));
    if (u->refused != OK)
        sef__update_fail(u, u->refused, "%s", why);
}

static int run(struct update *u)
{
    int r;

    if (!magic_image_load || !magic_image_enter || !magic_image_commit)
        return sef__update_fail(u, ENOSYS, "the service was not built with sef-cc");
    if (u->refused != OK)
        return u->refused;
    r = spawn(u);
    if (r == OK)
        r = open_decision(u);
    return r == OK ? sef__update_watch(u) : r;
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
    u->report.serial = sef__lu.serial;
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
        if (start->type == RS_LU_PREPARE && start->state != SEF_LU_STATE_NULL) {
            sef__control_prepared(start->serial, EBUSY, "the service is ready for another update");
            continue;
        }
        if (start->type == RS_LU_PREPARE && start->serial == sef__lu.serial)
            return EINTR;
        if (start->type == RS_LU_PREPARE)
            continue;
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
    sef__crash_hold(true);
    update.pid = 0;
    update.ready_time = sef__os_now();
    sef__ipc_withdraw();
    r = sef__control_prepared(sef__lu.serial, OK, "");
    if (r == OK)
        r = await_start(&start);
    if (r == OK) {
        begin(&update, &start);
        r = update.inherit.rehearse ? rehearse(&update) : update_for_good(&update);
    }
    sef__crash_hold(false);
    sef__os_thaw_old(&update.inherit.freeze, update.pid);
    return r;
}
