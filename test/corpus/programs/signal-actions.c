// SPDX-License-Identifier: BSD-2-Clause
// What a program installs for signals is what it reads back, with its flags, mask and arguments.
#include "check.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t simple, informed, value;
static void on_simple(int sig)
{
    simple += sig;
}
static void on_info(int sig, siginfo_t *info, void *context)
{
    sigset_t blocked;

    sigprocmask(SIG_BLOCK, NULL, &blocked);
    CHECK(context && info->si_signo == sig && sigismember(&blocked, SIGUSR1));
    informed++;
    value = info->si_value.sival_int;
}
static void *waiter(void *set)
{
    int sig = 0;

    CHECK(sigwait(set, &sig) == 0 && sig == SIGUSR2);
    return strdup("signalled");
}
static void check_read_back(void)
{
    struct sigaction action = { .sa_sigaction = on_info, .sa_flags = SA_SIGINFO | SA_RESTART }, old;

    CHECK(signal(SIGHUP, on_simple) == SIG_DFL && signal(SIGHUP, SIG_IGN) == on_simple);
    CHECK(raise(SIGHUP) == 0 && simple == 0 && signal(SIGHUP, on_simple) == SIG_IGN);
    CHECK(sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler == on_simple);
    CHECK(old.sa_flags & SA_RESTART && !(old.sa_flags & SA_SIGINFO));
    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGUSR1);
    CHECK(sigaction(SIGTERM, &action, &old) == 0 && old.sa_handler == SIG_DFL);
    CHECK(sigaction(SIGTERM, NULL, &old) == 0 && old.sa_sigaction == on_info);
    CHECK((old.sa_flags & (SA_SIGINFO | SA_RESTART)) == (SA_SIGINFO | SA_RESTART));
    CHECK(sigismember(&old.sa_mask, SIGUSR1) == 1 && sigismember(&old.sa_mask, SIGUSR2) == 0);
    CHECK(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
    CHECK(signal(-1, on_simple) == SIG_ERR && errno == EINVAL);
    CHECK(sigaction(SIGKILL, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
}

int main(void)
{
    struct sigaction once = { .sa_handler = on_simple, .sa_flags = SA_RESETHAND | SA_NODEFER }, old;
    pthread_t thread;
    sigset_t set;
    void *text;
    int status;

    check_read_back();
    CHECK(raise(SIGHUP) == 0 && simple == SIGHUP && raise(SIGTERM) == 0 && informed == 1);
    CHECK(sigqueue(getpid(), SIGTERM, (union sigval) { .sival_int = 77 }) == 0 && value == 77);
    sigaction(SIGUSR1, &once, NULL);
    raise(SIGUSR1);
    CHECK(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, waiter, &set);
    pthread_kill(thread, SIGUSR2);
    pthread_join(thread, &text);
    CHECK(!strcmp(text, "signalled"));
    free(text);
    fflush(stdout);
    if (!fork())
        raise(SIGUSR1);
    CHECK(wait(&status) > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
    puts("ok");
}
