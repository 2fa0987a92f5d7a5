// Signal handlers of an old generation follow it with flags and mask, SIGSEGV's too; those that the
// new main installs itself stay; the alternate stack goes to its variable's successor.
// RUN: %image -DGEN=0 %s -o %t.0
// RUN: %image -DGEN=1 %s -o %t.1
// RUN: %image -DGEN=2 %s -o %t.2
// RUN: %t.0 %t.1 %t.2 | FileCheck %s
#include "image-test.h"

#include <signal.h>

static char stack[65536];

static void kept(int sig, siginfo_t *info, void *context)
{
    char here;

    (void)context;
    printf("kept: signal %d, sent by us %d, generation %d, stack %d\n", sig,
        info->si_pid == getpid(), GEN, &here >= stack && &here < stack + sizeof(stack));
}
static void plain(int sig) { printf("plain: signal %d, generation %d\n", sig, GEN); }
static void own(int sig) { printf("own: signal %d, generation %d\n", sig, GEN); }
static void segv(int sig) { printf("segv: signal %d, generation %d\n", sig, GEN); }

static void install(void)
{
    struct sigaction act = { .sa_sigaction = kept, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

    sigaltstack(&alternate, NULL);
    sigaddset(&act.sa_mask, SIGUSR2);
    sigaction(SIGUSR1, &act, NULL);
    signal(SIGRTMIN + 3, plain);
    signal(SIGSEGV, segv);
    signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
    struct sigaction act;

    entity(0, kept);
    entity(1, plain);
    entity(2, own);
    entity(3, segv);
    entity(4, stack);
    if (GEN == 0)
        install();
    signal(SIGTERM, own);
    if (GEN > 0 && !take_over())
        return 1;
    if (argc > GEN + 1)
        go(argv[GEN + 1]);
    raise(SIGUSR1);
    raise(SIGRTMIN + 3);
    raise(SIGTERM);
    raise(SIGSEGV);
    sigaction(SIGUSR1, NULL, &act);
    printf("mask %d, ", sigismember(&act.sa_mask, SIGUSR2));
    sigaction(SIGPIPE, NULL, &act);
    printf("ignored %d, ", act.sa_handler == SIG_IGN);
    sigaction(SIGSEGV, NULL, &act);
    printf("sees its own %d\n", act.sa_handler == segv && !(act.sa_flags & SA_SIGINFO));
    return 0;
}
// CHECK:      kept: signal 10, sent by us 1, generation 2, stack 1
// CHECK-NEXT: plain: signal 37, generation 2
// CHECK-NEXT: own: signal 15, generation 2
// CHECK-NEXT: segv: signal 11, generation 2
// CHECK-NEXT: mask 1, ignored 1, sees its own 1
