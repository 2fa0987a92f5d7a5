/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fatal signals: a handler on a stack of its own, and the way out of it.
 *
 * All of it but the installation is async-signal-safe.
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "os.h"

#define OK         0
#define STACK_SIZE 65536u

static const int fatal[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
#define N_FATAL (sizeof(fatal) / sizeof(fatal[0]))

/* A stack that is there even if the thread's own has no room left. One of the service's stays. */
static int make_stack(void)
{
    stack_t stack;

    if (sigaltstack(NULL, &stack) != 0)
        return errno;
    if (!(stack.ss_flags & SS_DISABLE))
        return OK;
    stack.ss_sp = mmap(
        NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (stack.ss_sp == MAP_FAILED)
        return ENOMEM;
    stack.ss_size = STACK_SIZE;
    stack.ss_flags = 0;
    return sigaltstack(&stack, NULL) == 0 ? OK : errno;
}

int sef__os_fatal_handle(void (*handler)(int, siginfo_t *, void *))
{
    struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK }, now;
    int r = make_stack();

    sigfillset(&act.sa_mask);
    for (size_t i = 0; r == OK && i < N_FATAL; i++)
        if (sigaction(fatal[i], NULL, &now) != 0 ||
            (now.sa_handler == SIG_DFL && sigaction(fatal[i], &act, NULL) != 0))
            r = errno;
    return r;
}

void sef__os_fatal_die(int sig, const siginfo_t *info)
{
    struct sigaction act = { .sa_handler = SIG_DFL };

    sigaction(sig, &act, NULL);
    /* A fault comes again when the handler returns, with the registers as they were. A trap does
     * not, nor does a signal that was sent: it waits until then, blocked. */
    if (info->si_code <= 0 || sig == SIGTRAP || sig == SIGSYS)
        raise(sig);
}

uintptr_t sef__os_context_pc(const void *context)
{
    return (uintptr_t) ((const ucontext_t *) context)->uc_mcontext.gregs[REG_RIP];
}

void sef__os_context_unmask(const void *context)
{
    /* The kernel's part of the mask is all that a context has. */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &((const ucontext_t *) context)->uc_sigmask, NULL, 8);
}

pid_t sef__os_fork_bare(void)
{
    return _Fork();
}

void sef__os_default_signal(int sig)
{
    struct sigaction act = { .sa_handler = SIG_DFL }, old;
    sigset_t set, mask;

    sigemptyset(&set);
    sigaddset(&set, sig);
    if (sigaction(sig, &act, &old) != 0)
        return;
    raise(sig);
    sigprocmask(SIG_UNBLOCK, &set, &mask);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    sigaction(sig, &old, NULL);
}
