/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Signals and timers over an update: none is lost, none of ours is seen.
 */
#include "driver.h"

#include <signal.h>
#include <string.h>

static pid_t initialised(struct service *s)
{
    service_make_ready(s, 0);
    service_send_start(s, 0, 20000, "v2");
    service_expect_line(s, "init state 1");
    return service_expect(s, RS_LU_START, OK).pid;
}

static void test_signal_to_the_frozen_instance_reaches_the_new_one(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    pid = initialised(&s);
    assert_int_equal(kill(s.pid, SIGTERM), 0);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    service_wait(&s, s.pid);
    /* It may come before or after the new instance waits again, but it has come by now. */
    service_command(&s, 's');
    service_expect_signal(&s, "terms 1");
    service_command(&s, 'q');
    service_wait(&s, pid);
    service_end(&s);
}

static void test_signal_stays_with_the_old_instance_on_rollback(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    initialised(&s);
    assert_int_equal(kill(s.pid, SIGTERM), 0);
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "");
    service_expect(&s, RS_LU_ROLLBACK, EINTR);
    service_command(&s, 's');
    service_expect_signal(&s, "terms 1");
    service_end(&s);
}

static void test_timer_goes_along(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 'a', "alarm 1");
    initialised(&s);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    service_wait(&s, s.pid);
    service_ask(&s, 'A', "interval 7");
    /* Also to one that takes over by itself. */
    s.pid = (pid_t) service_ask_number(&s, 'p', "pid");
    initialised(&s);
    kill(s.pid, SIGKILL);
    service_expect(&s, RS_LU_COMMIT, OK);
    service_ask(&s, 'A', "interval 7");
    service_end(&s);
}

static void test_timer_stays_on_rollback(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 'a', "alarm 1");
    initialised(&s);
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "");
    service_expect(&s, RS_LU_ROLLBACK, EINTR);
    service_ask(&s, 'A', "interval 7");
    service_end(&s);
}

/* A service that has the kernel reap its children loses no exit status of ours by that. */
static void test_ignored_sigchld(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 'i', "ignored 1");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "main-exit");
    assert_non_null(strstr(service_expect(&s, RS_LU_ROLLBACK, ERESTART_SEF).text, "status 3"));
    service_ask(&s, 'w', "wait 10");
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signal_to_the_frozen_instance_reaches_the_new_one),
        cmocka_unit_test(test_signal_stays_with_the_old_instance_on_rollback),
        cmocka_unit_test(test_timer_goes_along),
        cmocka_unit_test(test_timer_stays_on_rollback),
        cmocka_unit_test(test_ignored_sigchld),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
