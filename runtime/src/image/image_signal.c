/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Signal handlers: those that old generations left with the kernel, and the runtime's own place
 * in front of the service's SIGSEGV handler.
 *
 * Once the runtime handles faults, a service that installs or asks for a SIGSEGV handler deals
 * with the one behind ours: sigaction() and signal() are interposed for that, and are libc's in
 * every other case.
 */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "image/image_internal.h"

/* libc's own, under the names that are not interposed. */
int __sigaction(int sig, const struct sigaction *act, struct sigaction *old);
sighandler_t ssignal(int sig, sighandler_t handler);

/* The service's SIGSEGV action. Replaced as a whole, because a fault may come at any time. */
static struct sigaction chained[2];
static atomic_uint chained_now;
static void (*taken)(int, siginfo_t *, void *);

static void set_chained(const struct sigaction *act)
{
    unsigned next = !atomic_load(&chained_now);

    chained[next] = *act;
    atomic_store(&chained_now, next);
}

/* Install ours, to behave towards the service's handler as the kernel would. */
static int install(const struct sigaction *behind)
{
    struct sigaction act = {
        .sa_sigaction = taken,
        .sa_mask = behind->sa_mask,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | (behind->sa_flags & (SA_NODEFER | SA_RESTART)),
    };

    set_chained(behind);
    return __sigaction(SIGSEGV, &act, NULL);
}

/** As sigaction(2). SIGSEGV: the action behind the runtime's own, once there is one. */
int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
    struct sigaction behind;

    if (sig != SIGSEGV || !taken)
        return __sigaction(sig, act, old);
    behind = chained[atomic_load(&chained_now)];
    if (act && install(act))
        return -1;
    if (old)
        *old = behind;
    return 0;
}

/** As signal(2), with the semantics of BSD. SIGSEGV: as sigaction() here. */
sighandler_t signal(int sig, sighandler_t handler)
{
    struct sigaction act = { .sa_handler = handler, .sa_flags = SA_RESTART }, old;

    if (sig != SIGSEGV || !taken)
        return ssignal(sig, handler);
    sigemptyset(&act.sa_mask);
    sigaddset(&act.sa_mask, sig);
    return sigaction(sig, &act, &old) ? SIG_ERR : old.sa_handler;
}

int magic__signal_take_faults(void (*handler)(int, siginfo_t *, void *), struct magic_error *err)
{
    struct sigaction now;
    int failed = __sigaction(SIGSEGV, NULL, &now);

    if (!failed && now.sa_sigaction != handler) {
        taken = handler;
        failed = install(&now);
    }
    if (failed)
        return magic_error_set(err, MAGIC_EOS, "cannot handle faults: %m");
    return 0;
}

/* Let the process die of the signal as it would have without a handler: a fault comes again when
 * the handler returns, a signal that was sent is sent again. */
static void chain_default(int sig, const siginfo_t *info)
{
    struct sigaction dfl = { .sa_handler = SIG_DFL };

    __sigaction(sig, &dfl, NULL);
    if (info->si_code <= 0)
        raise(sig);
}

void magic__signal_chain(int sig, siginfo_t *info, void *context)
{
    struct sigaction behind = chained[atomic_load(&chained_now)];
    struct sigaction dfl = { .sa_handler = SIG_DFL };

    /* Nobody can ignore a fault, only a signal that was sent. */
    if (behind.sa_handler == SIG_IGN && info->si_code <= 0)
        return;
    if (behind.sa_handler == SIG_DFL || behind.sa_handler == SIG_IGN) {
        chain_default(sig, info);
        return;
    }
    if (behind.sa_flags & (int) SA_RESETHAND)
        set_chained(&dfl);
    if (behind.sa_flags & SA_SIGINFO)
        behind.sa_sigaction(sig, info, context);
    else
        behind.sa_handler(sig);
}

/* The action of a signal whose handler lies in an old generation. */
static bool has_old_handler(int sig, struct sigaction *act)
{
    return !sigaction(sig, NULL, act) && act->sa_handler != SIG_DFL && act->sa_handler != SIG_IGN &&
           magic__image_old_of((uintptr_t) act->sa_handler);
}

static int forward_handler(
    int sig, struct sigaction *act, magic__forward_t forward, void *ctx, struct magic_error *err)
{
    uintptr_t handler;
    char name[256];
    int code = forward(ctx, (uintptr_t) act->sa_handler, &handler);

    if (code)
        return magic_error_set(err, code,
            "the handler of SIG%s, %s, has no successor: keep a function of this name",
            sigabbrev_np(sig) ? sigabbrev_np(sig) : "RT",
            magic__image_code_name((uintptr_t) act->sa_handler, name, sizeof(name)));
    /* libc puts its own restorer in, whatever the old image had. */
    act->sa_handler = (sighandler_t) handler;
    if (sigaction(sig, act, NULL))
        return magic_error_set(err, MAGIC_EOS, "handler of signal %d: %m", sig);
    return 0;
}

/* An alternate stack in an old image's variable goes to the variable's successor. */
static int forward_stack(magic__forward_t forward, void *ctx, struct magic_error *err)
{
    stack_t stack;
    uintptr_t to;
    int code;

    if (sigaltstack(NULL, &stack) || (stack.ss_flags & SS_DISABLE) ||
        !magic__image_old_of((uintptr_t) stack.ss_sp))
        return 0;
    code = forward(ctx, (uintptr_t) stack.ss_sp, &to);
    if (code)
        return magic_error_set(err, code,
            "the alternate signal stack at %p lies in what has no successor: keep the variable, or "
            "take it from the heap",
            stack.ss_sp);
    stack.ss_sp = (void *) to;
    if (sigaltstack(&stack, NULL))
        return magic_error_set(err, MAGIC_EOS, "alternate signal stack: %m");
    return 0;
}

int magic__signal_forward(magic__forward_t forward, void *ctx, struct magic_error *err)
{
    struct sigaction act;
    int sig, code = 0;

    for (sig = 1; !code && sig <= SIGRTMAX; sig++)
        if (has_old_handler(sig, &act))
            code = forward_handler(sig, &act, forward, ctx, err);
    return code ? code : forward_stack(forward, ctx, err);
}

void magic__signal_drop_old(void)
{
    struct sigaction act, dfl = { .sa_handler = SIG_DFL };
    int sig;

    for (sig = 1; sig <= SIGRTMAX; sig++)
        if (has_old_handler(sig, &act) && !sigaction(sig, &dfl, NULL))
            magic__log("handler of signal %d belongs to an old generation: dropped", sig);
}
