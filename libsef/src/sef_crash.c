/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Stateful restart: a service that crashes leaves a replica, which continues with its state.
 *
 * The handler of a fatal signal forks. The child leaves the crashed frames by entering main again
 * from the base of the main stack, with variables, heap, descriptors and connections as they are,
 * and waits in sef_startup() for the supervisor, which decides: it sends RS_INIT, or kills it. Between two
 * supervisors it goes on by itself, once, and the next one decides. The parent dies of its signal, so
 * that its core shows where it crashed; nobody waits for that.
 *
 * Nothing here takes a lock that the crashed code may hold. In the allocator, off the main thread or
 * beside other threads there is no state that one could continue with: then there is no replica.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hooks.h"
#include "sef_internal.h"

static struct {
    pid_t pid;    /* the process whose crash is handled; 0: none */
    bool held;    /* an update decides what becomes of this process */
    bool replica; /* this process continues a crashed one and is not initialised yet */
    bool alone;   /* it did so, and no supervisor knows of it yet */
    uint64_t fork_time;
    struct sef__timers timers; /* of the crashed process when it forked */
    struct sef_packet packet;  /* static: the handler's stack is small */
} crash;

bool sef__crash_replica(void)
{
    return crash.replica;
}

bool sef__crash_alone(void)
{
    return crash.alone;
}

void sef__crash_set_alone(bool alone)
{
    crash.alone = alone;
}

void sef__crash_hold(bool held)
{
    crash.held = held;
}

/* Why nobody can continue after this crash, or NULL. */
static const char *reason(void)
{
    unsigned threads;
    int r;

    if (!sef__init_restart_stateful())
        return "its restart callback does not continue with state";
    if (!magic_image_can_restart || !magic_image_restart)
        return "it was not built with sef-cc";
    if (!sef__os_on_main_thread())
        return "it was not the main thread that crashed";
    if (sef__os_thread_count(&threads) != OK || threads != 1)
        return "it has more than one thread";
    r = magic_image_can_restart();
    if (r == MAGIC_EBADMSTATE)
        return "it crashed in the allocator";
    return r == 0 ? NULL : "its main cannot be entered again";
}

/* Returns whether there is a supervisor to hear it. */
static bool report(int state, int sig, pid_t pid, const char *text)
{
    crash.packet.state = state;
    crash.packet.result = sig;
    crash.packet.pid = pid;
    sef__wire_text(&crash.packet, "%s", text);
    return sef__control_is_ours() && sef__wire_send(sef__self.control_fd, &crash.packet) == OK;
}

/* Continue in the fork. */
_Noreturn static void continue_as_replica(const void *context)
{
    crash.replica = true;
    crash.pid = 0;
    memset(&crash.packet, 0, sizeof(crash.packet));
    sef__self.started = false;
    sef__init_reset();
    sef__lu_reset();
    sef__ipc_reset();
    sef__request_reset();
    sef__os_context_unmask(context);
    magic_image_restart();
}

static void replicate(int sig, const void *context)
{
    pid_t pid;

    if (!report(SEF_CRASHED_FORKING, sig, 0, "") && (crash.alone || !sef__resume_expected()))
        return;
    sef__os_timers_get(&crash.timers);
    crash.fork_time = sef__os_now();
    pid = sef__os_fork_bare();
    if (pid == 0)
        continue_as_replica(context);
    report(SEF_CRASHED_FORKED, sig, pid > 0 ? pid : 0, "");
    if (pid > 0)
        sef__os_forward_signals(pid);
}

static void on_fatal(int sig, siginfo_t *info, void *context)
{
    const int saved = errno;
    const char *why;

    if (crash.pid == getpid() && !crash.held && !sef__update_pending() &&
        (sef__self.control_fd >= 0 || sef__resume_waits())) {
        /* A crash in here is not handled again. */
        crash.pid = 0;
        why = reason();
        sef__wire_init(&crash.packet, RS_CRASHED, sig);
        crash.packet.error.old_addr = sef__os_context_pc(context);
        crash.packet.error.new_addr = info->si_code > 0 ? (uintptr_t) info->si_addr : 0;
        crash.packet.flags = sef_controlled_crash != 0;
        if (why)
            report(SEF_CRASHED_LOST, sig, 0, why);
        else
            replicate(sig, context);
    }
    errno = saved;
    sef__os_fatal_die(sig, info);
}

void sef__crash_arm(void)
{
    crash.pid = 0;
    if ((sef__self.control_fd < 0 && !sef__resume_waits()) || !sef__init_restart_stateful())
        return;
    if (sef__os_fatal_handle(on_fatal) == OK)
        crash.pid = getpid();
}

void sef__crash_announce(void)
{
    struct sef_packet packet;

    sef__wire_init(&packet, RS_CRASHED, OK);
    packet.state = SEF_CRASHED_REPLICA;
    packet.pid = getpid();
    sef__control_send(&packet);
}

void sef__crash_continue(int result)
{
    if (!crash.replica)
        return;
    /* The exit handlers are the crashed process's; the supervisor starts the service again. */
    if (result != OK)
        _exit(EXIT_FAILURE);
    crash.replica = false;
    sef_controlled_crash = 0;
    sef__os_timers_start(&crash.timers, sef__os_now() - crash.fork_time);
}
