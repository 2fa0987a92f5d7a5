/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests besides updates: ping, signals, coverage and faults; each callback and each predefined one.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void test_ping_is_answered(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    for (s.serial = 3; s.serial < 6; s.serial++) {
        service_send(&s, RS_PING, 0, 0, "");
        assert_int_equal(service_expect(&s, RS_PING, OK).serial, s.serial);
    }
    service_end(&s);
}

static void test_ping_callback_may_keep_silent(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "epoll");
    service_ask(&s, 'P', "set 80");
    service_send(&s, RS_PING, 0, 0, "");
    /* What comes next is the answer to the next request. */
    service_send(&s, RS_GCOV, 0, 0, "");
    service_expect(&s, RS_GCOV, ENOSYS);
    service_ask(&s, 'O', "set 79");
    service_send(&s, RS_PING, 0, 0, "");
    service_expect(&s, RS_PING, OK);
    service_end(&s);
}

static void test_service_tells_that_it_takes_signals(void **state)
{
    struct service s;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_INIT, 0, 0, "test");
    assert_int_equal(service_expect(&s, RS_INIT, OK).flags, 0);
    service_end(&s);
    service_start(&s, SERVICE_PLAIN, "requests");
    service_send(&s, RS_INIT, 0, 0, "test");
    assert_int_equal(service_expect(&s, RS_INIT, OK).flags, SEF_WIRE_TAKES_SIGNALS);
    service_end(&s);
}

/* So does a new version, which may think differently. */
static void test_new_version_tells_it_too(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "requests");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "init state 1");
    service_expect(&s, RS_LU_START, OK);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    assert_int_equal(service_expect(&s, RS_LU_COMMIT, OK).flags, SEF_WIRE_TAKES_SIGNALS);
    service_end(&s);
}

static void test_signal_handler_and_manager(void **state)
{
    struct service s;
    struct sef_packet p = { .magic = SEF_WIRE_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = RS_SIGNAL,
        .state = SIGUSR2,
        .endpoint = 12 };

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "requests");
    service_send(&s, RS_SIGNAL, SIGTERM, 0, "");
    service_expect_line(&s, "signal 15");
    assert_true(send(s.control, &p, offsetof(struct sef_packet, text) + 1, 0) > 0);
    service_expect_line(&s, "managed 12 12");
    /* Numbers that are no signals are dropped, and so are those nobody wants. */
    service_send(&s, RS_SIGNAL, 0, 0, "");
    service_send(&s, RS_SIGNAL, -1, 0, "");
    service_send(&s, RS_SIGNAL, 9999, 0, "");
    service_ask(&s, 'N', "set 78");
    service_send(&s, RS_SIGNAL, SIGTERM, 0, "");
    assert_true(send(s.control, &p, offsetof(struct sef_packet, text) + 1, 0) > 0);
    service_send(&s, RS_PING, 0, 0, "");
    service_expect(&s, RS_PING, OK);
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
}

static void test_predefined_signal_handlers(void **state)
{
    struct service s;
    int status;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'T', "set 84");
    service_send(&s, RS_SIGNAL, SIGHUP, 0, "");
    service_send(&s, RS_SIGNAL, SIGTERM, 0, "");
    service_expect_line(&s, "exit handler ran");
    status = service_wait(&s, s.pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    service_end(&s);

    /* The service's own SIGTERM handler is passed by. */
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'D', "set 68");
    service_send(&s, RS_SIGNAL, SIGCHLD, 0, "");
    service_ask(&s, 'c', "children 0");
    service_send(&s, RS_SIGNAL, SIGTERM, 0, "");
    status = service_wait(&s, s.pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
    service_end(&s);
}

static void test_coverage(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_GCOV, 0, 0, "");
    service_expect_text(&s, RS_GCOV, ENOSYS, strerror(ENOSYS));
    service_ask(&s, 'G', "set 71");
    service_send(&s, RS_GCOV, 0, 0, "");
    service_expect_line(&s, "gcov 7");
    service_expect_text(&s, RS_GCOV, EIO, strerror(EIO));
    service_end(&s);
}

static void test_faults(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_FI, 2, 0, "swap 0.1");
    service_expect_text(&s, RS_FI, ENOSYS, strerror(ENOSYS));
    service_send(&s, RS_FI, 0, 0, "");
    service_expect(&s, RS_FI, EINVAL);
    service_send(&s, RS_FI, -7, 0, "");
    service_expect(&s, RS_FI, EINVAL);
    service_end(&s);
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_send(&s, RS_FI, 2, 0, "swap 0.1");
    service_expect_line(&s, "fault 2 swap 0.1");
    service_expect(&s, RS_FI, OK);
    service_send(&s, RS_FI, 9, 0, "");
    service_expect_line(&s, "fault 9 ");
    service_expect(&s, RS_FI, EINVAL);
    service_end(&s);
}

static void test_controlled_crash(void **state)
{
    struct service s;
    int status;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_FI, SEF_FI_CRASH, 0, "");
    status = service_wait(&s, s.pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    service_end(&s);
}

static void test_before_the_initialisation(void **state)
{
    struct service s;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_PING, 0, 0, "");
    service_send(&s, RS_SIGNAL, SIGTERM, 0, "");
    service_send(&s, RS_GCOV, 0, 0, "");
    service_expect(&s, RS_GCOV, EBUSY);
    service_send(&s, RS_FI, SEF_FI_CRASH, 0, "");
    service_expect(&s, RS_FI, EBUSY);
    service_send(&s, RS_INIT, 0, 0, "test");
    service_expect(&s, RS_INIT, OK);
    service_end(&s);
}

/* What came is handled in its order, and then the state is tested. */
static void test_order_of_interception(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'l', "done 108");
    kill(s.pid, SIGSTOP);
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_PROTOCOL_FREE, SEF_LU_PREPARE_ONLY, "");
    service_send(&s, RS_INIT, 0, 0, "spurious");
    service_send(&s, RS_PING, 0, 0, "");
    service_send(&s, RS_GCOV, 0, 0, "");
    kill(s.pid, SIGCONT);
    service_expect_line(&s, "changed 0 3");
    service_expect(&s, RS_PING, OK);
    service_expect(&s, RS_GCOV, ENOSYS);
    service_expect_line(&s, "dump 3");
    /* Its prepare callback does not like the state. */
    service_expect(&s, RS_LU_PREPARE, EPERM);
    service_expect_line(&s, "changed 3 0");
    service_end(&s);
}

static void test_response_asyn_once(void **state)
{
    struct service s;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "asyn-once");
    service_send(&s, RS_INIT, 0, 0, "test");
    service_expect(&s, RS_INIT, OK);
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ping_is_answered),
        cmocka_unit_test(test_ping_callback_may_keep_silent),
        cmocka_unit_test(test_service_tells_that_it_takes_signals),
        cmocka_unit_test(test_new_version_tells_it_too),
        cmocka_unit_test(test_signal_handler_and_manager),
        cmocka_unit_test(test_predefined_signal_handlers),
        cmocka_unit_test(test_coverage),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_controlled_crash),
        cmocka_unit_test(test_before_the_initialisation),
        cmocka_unit_test(test_order_of_interception),
        cmocka_unit_test(test_response_asyn_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
