/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Signals while a service is frozen.
 *
 * From ready to the decision no handler of the service may run: its state is being taken over.
 * Signals therefore stay pending, and go to whichever instance survives. The service must never
 * learn of the child that is the new instance, however it treats SIGCHLD.
 */
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os.h"

static const struct timespec at_once;

void sef__os_freeze(struct sef__freeze *ret)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };
    struct sigaction action;
    sigset_t all;

    sigfillset(&all);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigdelset(&all, faults[i]);
    sigprocmask(SIG_BLOCK, &all, &ret->mask);

    /* A child that the kernel reaps by itself leaves no status to report. */
    sigaction(SIGCHLD, NULL, &ret->chld);
    ret->auto_reap = ret->chld.sa_handler == SIG_IGN || (ret->chld.sa_flags & SA_NOCLDWAIT) != 0;
    if (ret->auto_reap) {
        action = ret->chld;
        action.sa_flags &= ~SA_NOCLDWAIT;
        if (action.sa_handler == SIG_IGN)
            action.sa_handler = SIG_DFL;
        sigaction(SIGCHLD, &action, NULL);
    }
}

void sef__os_thaw_new(const struct sef__freeze *freeze)
{
    if (freeze->auto_reap)
        sigaction(SIGCHLD, &freeze->chld, NULL);
    sigprocmask(SIG_SETMASK, &freeze->mask, NULL);
}

/* Whether a child waits to be reaped by the service. */
static bool has_dead_child(void)
{
    siginfo_t info = { 0 };

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

/* SIGCHLD does not queue: one that names our child may stand for others too. */
static void drop_child_signal(pid_t child)
{
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigtimedwait(&set, &info, &at_once) != SIGCHLD)
        return;
    if (info.si_pid != child)
        syscall(SYS_rt_sigqueueinfo, getpid(), SIGCHLD, &info);
    else if (has_dead_child())
        kill(getpid(), SIGCHLD);
}

void sef__os_thaw_old(const struct sef__freeze *freeze, pid_t child)
{
    if (child > 0)
        drop_child_signal(child);
    if (freeze->auto_reap) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        sigaction(SIGCHLD, &freeze->chld, NULL);
    }
    sigprocmask(SIG_SETMASK, &freeze->mask, NULL);
}

void sef__os_forward_signals(pid_t to)
{
    siginfo_t info;
    sigset_t all;
    int sig;

    sigfillset(&all);
    while ((sig = sigtimedwait(&all, &info, &at_once)) > 0) {
        if (sig == SIGCHLD && info.si_pid == to)
            continue;
        /* Only queued signals may keep who sent them and the value they carry. */
        if (info.si_code == SI_QUEUE)
            syscall(SYS_rt_sigqueueinfo, to, sig, &info);
        else
            kill(to, sig);
    }
}
