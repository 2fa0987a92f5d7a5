/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The operating system layer of libsef: deadlines, timers, frozen signals, threads.
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"

#define NS_PER_S UINT64_C(1000000000)

static volatile sig_atomic_t seen;

static void note(int sig)
{
    (void) sig;
    seen++;
}

static void test_deadlines(void **state)
{
    (void) state;
    assert_true(sef__os_deadline(-1) == UINT64_MAX);
    assert_true(sef__os_deadline(-7) == UINT64_MAX);
    assert_int_equal(sef__os_timeout(UINT64_MAX), -1);
    assert_int_equal(sef__os_timeout(0), 0);
    assert_int_equal(sef__os_timeout(sef__os_now()), 0);
    /* Rounded up: never too early. */
    assert_int_equal(sef__os_timeout(sef__os_now() + 3600 * NS_PER_S), 3600000);
    assert_int_equal(sef__os_timeout(UINT64_MAX - 1), INT32_MAX);
}

static void test_timer_goes_on_where_it_was(void **state)
{
    struct itimerval set = { .it_value = { 3600, 0 }, .it_interval = { 7, 5 } }, now;
    struct sef__timers timers;

    (void) state;
    setitimer(ITIMER_REAL, &set, NULL);
    setitimer(ITIMER_PROF, &set, NULL);
    sef__os_timers_stop(&timers);
    getitimer(ITIMER_REAL, &now);
    assert_int_equal(now.it_value.tv_sec, 0);
    sef__os_timers_start(&timers, 1000 * NS_PER_S);
    getitimer(ITIMER_REAL, &now);
    assert_true(now.it_value.tv_sec > 2500 && now.it_value.tv_sec <= 2600);
    assert_int_equal(now.it_interval.tv_usec, 5);
    getitimer(ITIMER_PROF, &now);
    assert_true(now.it_value.tv_sec > 3500);
    getitimer(ITIMER_VIRTUAL, &now);
    assert_int_equal(now.it_value.tv_sec + now.it_value.tv_usec, 0);
    sef__os_timers_stop(&timers);
}

static void test_timer_that_expired_meanwhile(void **state)
{
    struct sef__timers timers = { .timer[0] = { .it_value = { 1, 0 } } };
    sigset_t set, old;
    int sig;

    (void) state;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigprocmask(SIG_BLOCK, &set, &old);
    sef__os_timers_start(&timers, 3600 * NS_PER_S);
    assert_int_equal(sigwait(&set, &sig), 0);
    assert_int_equal(sig, SIGALRM);
    sigprocmask(SIG_SETMASK, &old, NULL);
}

/* Fork a child that ends at once, and wait until it has ended without reaping it. */
static pid_t dead_child(void)
{
    siginfo_t info;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    assert_int_equal(waitid(P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), 0);
    return pid;
}

static void test_own_child_is_not_seen(void **state)
{
    struct sef__freeze freeze;
    pid_t ours;

    (void) state;
    signal(SIGCHLD, note);
    seen = 0;
    sef__os_freeze(&freeze);
    ours = dead_child();
    sef__os_reap(ours);
    sef__os_thaw_old(&freeze, ours);
    assert_int_equal(seen, 0);
}

static void test_other_children_are_seen(void **state)
{
    struct sef__freeze freeze;
    pid_t ours, other;

    (void) state;
    signal(SIGCHLD, note);
    for (int first = 0; first < 2; first++) {
        seen = 0;
        sef__os_freeze(&freeze);
        /* Both orders: the one signal that stays pending names the first that died. */
        ours = first ? dead_child() : 0;
        other = dead_child();
        ours = first ? ours : dead_child();
        sef__os_reap(ours);
        sef__os_thaw_old(&freeze, ours);
        assert_int_equal(seen, 1);
        assert_int_equal(waitpid(other, NULL, 0), other);
    }
}

static void test_ignored_children_leave_a_status(void **state)
{
    struct sef__freeze freeze;
    struct sigaction action;
    pid_t ours;

    (void) state;
    signal(SIGCHLD, SIG_IGN);
    sef__os_freeze(&freeze);
    ours = fork();
    if (ours == 0)
        _exit(3);
    assert_int_equal(WEXITSTATUS(sef__os_reap(ours)), 3);
    dead_child();
    sef__os_thaw_old(&freeze, ours);
    sigaction(SIGCHLD, NULL, &action);
    assert_true(action.sa_handler == SIG_IGN);
    assert_int_equal(waitpid(-1, NULL, 0), -1);
    signal(SIGCHLD, SIG_DFL);
}

static void test_freeze_keeps_signals_pending(void **state)
{
    struct sef__freeze freeze;
    sigset_t before, after;

    (void) state;
    sigprocmask(SIG_BLOCK, NULL, &before);
    signal(SIGUSR1, note);
    seen = 0;
    sef__os_freeze(&freeze);
    raise(SIGUSR1);
    assert_int_equal(seen, 0);
    sef__os_thaw_old(&freeze, 0);
    assert_int_equal(seen, 1);
    sigprocmask(SIG_BLOCK, NULL, &after);
    for (int sig = 1; sig < 32; sig++)
        assert_int_equal(sigismember(&before, sig), sigismember(&after, sig));
}

/* A queued signal arrives with its value. */
static void test_pending_signals_are_forwarded(void **state)
{
    sigset_t set, old;
    siginfo_t info;
    int status, sig;
    pid_t pid;

    (void) state;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, &old);
    pid = fork();
    if (pid == 0) {
        sigset_t one;

        sigemptyset(&one);
        sigaddset(&one, SIGUSR1);
        sigwait(&one, &sig);
        sigwaitinfo(&set, &info);
        _exit(info.si_signo == SIGRTMIN && info.si_value.sival_int == 42 ? 0 : 1);
    }
    raise(SIGUSR1);
    sigqueue(getpid(), SIGRTMIN, (union sigval) { .sival_int = 42 });
    sef__os_forward_signals(pid);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    sigpending(&set);
    assert_false(sigismember(&set, SIGUSR1));
    sigprocmask(SIG_SETMASK, &old, NULL);
}

static void *other_thread(void *arg)
{
    unsigned *threads = arg;

    assert_false(sef__os_on_main_thread());
    assert_int_equal(sef__os_thread_count(threads), 0);
    return NULL;
}

static void test_threads_are_counted(void **state)
{
    unsigned threads = 0;
    pthread_t thread;

    (void) state;
    assert_int_equal(sef__os_thread_count(&threads), 0);
    assert_int_equal(threads, 1);
    assert_true(sef__os_on_main_thread());
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &threads), 0);
    pthread_join(thread, NULL);
    assert_int_equal(threads, 2);
}

static void test_memory(void **state)
{
    const size_t page = (size_t) sysconf(_SC_PAGESIZE);
    char *memory;
    void *ret;

    (void) state;
    assert_int_equal(sef__os_memory_get(4 * page, &ret), 0);
    memory = ret;
    assert_int_equal(memory[0] | memory[4 * page - 1], 0);
    memory[0] = memory[4 * page - 1] = 1;
    sef__os_memory_put(memory + page, 3 * page);
    assert_int_equal(memory[0], 1);
    sef__os_memory_put(memory, page);
    assert_int_equal(sef__os_memory_get(SIZE_MAX / 2 / page * page, &ret), ENOMEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_timer_goes_on_where_it_was),
        cmocka_unit_test(test_timer_that_expired_meanwhile),
        cmocka_unit_test(test_own_child_is_not_seen),
        cmocka_unit_test(test_other_children_are_seen),
        cmocka_unit_test(test_ignored_children_leave_a_status),
        cmocka_unit_test(test_freeze_keeps_signals_pending),
        cmocka_unit_test(test_pending_signals_are_forwarded),
        cmocka_unit_test(test_threads_are_counted),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
