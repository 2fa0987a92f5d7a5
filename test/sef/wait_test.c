/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sef_wait(), sef_epoll_wait() and sef_receive() keep the meaning of the calls they stand for.
 * The test is itself the service, and holds the other end of its control socket.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HEADER offsetof(struct sef_packet, text)

static int supervisor;
static int changes;

static void put(int type, int state)
{
    struct sef_packet p = { .magic = SEF_WIRE_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = type,
        .state = state,
        .flags = type == RS_LU_PREPARE ? SEF_LU_PREPARE_ONLY : 0 };

    assert_int_equal(send(supervisor, &p, HEADER + 1, 0), HEADER + 1);
}

static void changed(int old_state, int state)
{
    (void) old_state;
    (void) state;
    changes++;
}

/* Become a service under a supervisor, once for all tests. */
static int become_service(void **state)
{
    char number[16];
    int pair[2];

    (void) state;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
        return -1;
    supervisor = pair[0];
    snprintf(number, sizeof(number), "%d", pair[1]);
    setenv(SEF_CONTROL_FD_ENV, number, 1);
    put(RS_INIT, 0);
    sef_setcb_lu_state_changed(changed);
    return sef_startup();
}

static void test_second_startup(void **state)
{
    (void) state;
    assert_int_equal(sef_startup(), EALREADY);
}

/* A control packet is handled, and does not make the call return. */
static void test_control_packets_are_not_events(void **state)
{
    struct pollfd none = { .fd = -1 };
    struct epoll_event event;
    int epfd = epoll_create1(0);

    (void) state;
    changes = 0;
    put(RS_LU_PREPARE, SEF_LU_STATE_UNREACHABLE);
    assert_int_equal(sef_wait(&none, 1, 0), 0);
    assert_int_equal(changes, 1);
    put(RS_LU_PREPARE, SEF_LU_STATE_NULL);
    assert_int_equal(sef_epoll_wait(epfd, &event, 1, 1), 0);
    assert_int_equal(changes, 2);
    put(RS_LU_PREPARE, SEF_LU_STATE_UNREACHABLE);
    put(RS_LU_PREPARE, SEF_LU_STATE_NULL);
    assert_int_equal(sef_dispatch(), OK);
    assert_int_equal(changes, 4);
    close(epfd);
}

static void test_wait_is_poll(void **state)
{
    struct pollfd fds[4] = { { .fd = -1, .revents = 77 }, { .events = POLLIN },
        { .fd = 999, .events = POLLIN }, { .events = POLLOUT } };
    int p[2];

    (void) state;
    assert_int_equal(pipe(p), 0);
    fds[1].fd = p[0];
    fds[3].fd = p[1];
    assert_int_equal(sef_wait(fds, 4, -1), 2);
    assert_int_equal(fds[0].revents, 0);
    assert_int_equal(fds[1].revents, 0);
    assert_int_equal(fds[2].revents, POLLNVAL);
    assert_int_equal(fds[3].revents, POLLOUT);
    assert_int_equal(write(p[1], "x", 1), 1);
    assert_int_equal(sef_wait(fds, 2, -1), 1);
    assert_int_equal(fds[1].revents, POLLIN);
    assert_int_equal(sef_wait(NULL, 0, 0), 0);
    close(p[0]);
    close(p[1]);
}

/* More entries than the library keeps room for, and as many as the limit allows. */
static void test_many_entries(void **state)
{
    struct rlimit limit;
    struct pollfd *fds;
    nfds_t n;
    int p[2];

    (void) state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = 512;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    n = limit.rlim_cur;
    fds = calloc(n + 1, sizeof(*fds));
    assert_non_null(fds);
    for (nfds_t i = 0; i <= n; i++)
        fds[i].fd = -1;
    assert_int_equal(pipe(p), 0);
    fds[n - 1] = (struct pollfd) { .fd = p[1], .events = POLLOUT };
    assert_int_equal(sef_wait(fds, n, -1), 1);
    assert_int_equal(fds[n - 1].revents, POLLOUT);
    close(p[0]);
    close(p[1]);
    free(fds);
}

static void test_timeout_is_kept(void **state)
{
    struct timespec begin, end;
    int64_t ns;

    (void) state;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    put(RS_LU_PREPARE, SEF_LU_STATE_NULL);
    assert_int_equal(sef_wait(NULL, 0, 20), 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ns = (end.tv_sec - begin.tv_sec) * 1000000000 + end.tv_nsec - begin.tv_nsec;
    assert_true(ns >= 20 * 1000000);
}

static void nothing(int sig)
{
    (void) sig;
}

static void cancel(int sig)
{
    (void) sig;
    sef_cancel();
}

/* Have SIGALRM come while the next call waits. */
static void arm(void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };
    struct itimerval timer = { .it_value = { 0, 1000 }, .it_interval = { 0, 1000 } };

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void disarm(void)
{
    setitimer(ITIMER_REAL, &(struct itimerval) { 0 }, NULL);
}

static void test_signal_interrupts(void **state)
{
    struct epoll_event event;
    int epfd = epoll_create1(0);
    message m;

    (void) state;
    arm(nothing);
    assert_int_equal(sef_wait(NULL, 0, -1), -1);
    assert_int_equal(errno, EINTR);
    assert_int_equal(sef_epoll_wait(epfd, &event, 1, -1), -1);
    assert_int_equal(errno, EINTR);
    assert_int_equal(sef_receive(ANY, &m), EINTR);
    disarm();
    close(epfd);
}

static void test_cancel(void **state)
{
    int status = -1;
    message m;

    (void) state;
    arm(cancel);
    assert_int_equal(sef_receive_status(ANY, &m, &status), EINTR);
    disarm();
    /* A cancel before a receive counts for it, and for no other. */
    sef_cancel();
    assert_int_equal(sef_receive(ANY, &m), EINTR);
}

static void test_epoll_wait_is_epoll_wait(void **state)
{
    struct epoll_event want = { .events = EPOLLIN | EPOLLET, .data.u64 = 42 }, event;
    int epfd = epoll_create1(0), p[2];

    (void) state;
    assert_int_equal(pipe(p), 0);
    assert_int_equal(epoll_ctl(epfd, EPOLL_CTL_ADD, p[0], &want), 0);
    assert_int_equal(sef_epoll_wait(epfd, &event, 1, 0), 0);
    assert_int_equal(write(p[1], "x", 1), 1);
    /* An edge is not lost to a control packet that comes with it. */
    put(RS_LU_PREPARE, SEF_LU_STATE_NULL);
    assert_int_equal(sef_epoll_wait(epfd, &event, 1, -1), 1);
    assert_int_equal(event.data.u64, 42);
    assert_int_equal(sef_epoll_wait(epfd, &event, 1, 0), 0);
    assert_int_equal(sef_epoll_wait(epfd, &event, 0, -1), -1);
    assert_int_equal(errno, EINVAL);
    assert_int_equal(sef_epoll_wait(999, &event, 1, -1), -1);
    assert_int_equal(errno, EBADF);
    close(epfd);
    close(p[0]);
    close(p[1]);
}

/* A child that the service forks for itself leaves the supervisor to its parent. */
static void test_fork_of_the_service_has_no_supervisor(void **state)
{
    int status;
    pid_t pid;

    (void) state;
    pid = fork();
    if (pid == 0)
        _exit(sef_fd() == -1 && sef_wait(NULL, 0, 0) == 0 ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_true(sef_fd() >= 0);
}

static void test_without_supervisor(void **state)
{
    struct epoll_event event;
    int epfd = epoll_create1(0);
    message m;

    (void) state;
    close(supervisor);
    assert_int_equal(sef_receive(ANY, &m), ENOTCONN);
    assert_int_equal(sef_fd(), -1);
    assert_int_equal(sef_wait(NULL, 0, 1), 0);
    assert_int_equal(sef_epoll_wait(epfd, &event, 1, 1), 0);
    assert_int_equal(sef_dispatch(), OK);
    close(epfd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_startup),
        cmocka_unit_test(test_control_packets_are_not_events),
        cmocka_unit_test(test_wait_is_poll),
        cmocka_unit_test(test_many_entries),
        cmocka_unit_test(test_timeout_is_kept),
        cmocka_unit_test(test_signal_interrupts),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_epoll_wait_is_epoll_wait),
        cmocka_unit_test(test_fork_of_the_service_has_no_supervisor),
        cmocka_unit_test(test_without_supervisor),
    };

    return cmocka_run_group_tests(tests, become_service, NULL);
}
