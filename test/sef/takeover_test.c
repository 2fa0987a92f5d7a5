/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Exactly one instance survives when the supervisor or an instance dies in mid-update.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pid_t initialised(struct service *s)
{
    service_start_fresh(s, SERVICE_FAKE, "wait");
    service_make_ready(s, 0);
    service_send_start(s, 0, 20000, "v2");
    service_expect_line(s, "init state 1");
    return service_expect(s, RS_LU_START, OK).pid;
}

static void test_old_instance_dies_before_go(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    pid = initialised(&s);
    kill(s.pid, SIGKILL);
    service_wait(&s, s.pid);
    assert_int_equal(service_expect(&s, RS_LU_COMMIT, OK).pid, pid);
    assert_int_equal(service_ask_number(&s, 'p', "pid"), pid);
    service_ask(&s, 'g', "commits 1");
    service_end(&s);
}

static void test_old_instance_dies_during_init(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "init-hang");
    pid = (pid_t) service_take_number(&s, "hanging");
    kill(s.pid, SIGKILL);
    service_wait(&s, s.pid);
    /* The callback returns OK: this instance is the only one left. */
    kill(pid, SIGUSR1);
    assert_int_equal(service_expect(&s, RS_LU_COMMIT, OK).pid, pid);
    assert_int_equal(service_ask_number(&s, 'p', "pid"), pid);
    service_ask(&s, 'g', "commits 1");
    service_end(&s);
}

static void test_supervisor_dies_in_mid_update(void **state)
{
    struct service s;

    (void) state;
    initialised(&s);
    shutdown(s.control, SHUT_RDWR);
    service_ask(&s, 'd', "fd -1");
    assert_int_equal(service_ask_number(&s, 'p', "pid"), s.pid);
    service_ask(&s, 'g', "commits 0");
    service_ask(&s, 'w', "wait 10");
    service_end(&s);
}

/* Of several services. */
static void supervisor_dies_after(bool decision)
{
    char path[] = "/tmp/sef-decision.XXXXXX", request[64];
    const int fd = mkstemp(path);
    const char word = SEF_WIRE_DECIDED;
    struct service s;
    pid_t pid;

    snprintf(request, sizeof(request), "v2\ndecision=%s", path);
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, request);
    service_expect_line(&s, "init state 1");
    pid = service_expect(&s, RS_LU_START, OK).pid;
    unlink(path);
    if (decision)
        assert_int_equal(write(fd, &word, 1), 1);
    shutdown(s.control, SHUT_RDWR);
    assert_int_equal(service_ask_number(&s, 'p', "pid"), decision ? pid : s.pid);
    service_ask(&s, 'g', decision ? "commits 1" : "commits 0");
    service_end(&s);
    close(fd);
}

static void test_supervisor_dies_before_the_decision(void **state)
{
    (void) state;
    supervisor_dies_after(false);
}

static void test_supervisor_dies_after_the_decision(void **state)
{
    (void) state;
    supervisor_dies_after(true);
}

static void test_decision_that_cannot_be_read(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2\ndecision=/nonexistent");
    service_expect_text(&s, RS_LU_ROLLBACK, ENOENT,
        "cannot read the decision in /nonexistent: No such file or directory");
    assert_int_equal(service_ask_number(&s, 'p', "pid"), s.pid);
    service_end(&s);
}

static void supervisor_dies_in_mode(const char *mode)
{
    struct service s;

    service_start_fresh(&s, SERVICE_PLAIN, mode);
    shutdown(s.control, SHUT_RDWR);
    service_ask(&s, 'n', "endpoint 7");
    service_ask(&s, 'd', "fd -1");
    service_end(&s);
}

static void test_supervisor_dies(void **state)
{
    (void) state;
    supervisor_dies_in_mode("wait");
    supervisor_dies_in_mode("epoll");
    supervisor_dies_in_mode("fd");
}

static void test_supervisor_dies_while_preparing(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'l', "done 108");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_UNREACHABLE, SEF_LU_PREPARE_ONLY, "");
    service_expect_line(&s, "changed 0 5");
    service_expect_line(&s, "dump 5");
    shutdown(s.control, SHUT_RDWR);
    service_expect_line(&s, "changed 5 0");
    service_ask(&s, 'd', "fd -1");
    service_end(&s);
}

static void test_supervisor_dies_while_ready(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    shutdown(s.control, SHUT_RDWR);
    service_ask(&s, 'd', "fd -1");
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_old_instance_dies_before_go),
        cmocka_unit_test(test_old_instance_dies_during_init),
        cmocka_unit_test(test_supervisor_dies_in_mid_update),
        cmocka_unit_test(test_supervisor_dies_before_the_decision),
        cmocka_unit_test(test_supervisor_dies_after_the_decision),
        cmocka_unit_test(test_decision_that_cannot_be_read),
        cmocka_unit_test(test_supervisor_dies),
        cmocka_unit_test(test_supervisor_dies_while_preparing),
        cmocka_unit_test(test_supervisor_dies_while_ready),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
