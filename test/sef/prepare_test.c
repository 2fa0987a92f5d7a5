/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preparing an update: which requests are refused and why, when a service is ready, and in which
 * order its callbacks run.
 */
#include "driver.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* Only prepare, which works without runtime. */
#define ONLY SEF_LU_PREPARE_ONLY

static void refused(
    const char *program, int state, int flags, const char *text, int error, const char *reason)
{
    struct service s;

    service_start_fresh(&s, program, "wait");
    service_send(&s, RS_LU_PREPARE, state, flags, text);
    service_expect_text(&s, RS_LU_PREPARE, error, reason);
    assert_true(service_ask_number(&s, 'p', "pid") > 0);
    service_end(&s);
}

static void test_requests_that_are_refused(void **state)
{
    char expression[600];

    (void) state;
    refused(SERVICE_PLAIN, SEF_LU_STATE_WORK_FREE, 0, "", ENOSYS,
        "the service was not built with sef-cc");
    refused(SERVICE_PLAIN, SEF_LU_STATE_EVAL, ONLY, "x == 1", ENOSYS,
        "the service was not built with sef-cc, which expressions need");
    refused(SERVICE_PLAIN, SEF_LU_STATE_EVAL, ONLY, "", EINVAL, "no expression to wait for");
    memset(expression, '1', sizeof(expression) - 1);
    expression[sizeof(expression) - 1] = '\0';
    refused(SERVICE_FAKE, SEF_LU_STATE_EVAL, 0, expression, E2BIG,
        "the expression has 599 characters, 511 are allowed");
    refused(SERVICE_FAKE, SEF_LU_STATE_EVAL, 0, "wrong", EINVAL,
        "expression 'wrong': no variable 'wrong'");
    /* The default callback knows no state but WORK_FREE and EVAL. */
    refused(SERVICE_PLAIN, SEF_LU_STATE_REQUEST_FREE, ONLY, "", ENOSYS,
        "the service does not know state 2: it has no callback for it "
        "(sef_setcb_lu_state_isvalid)");
    refused(SERVICE_PLAIN, 99, ONLY, "", ENOSYS,
        "the service does not know state 99: it has no callback for it "
        "(sef_setcb_lu_state_isvalid)");
    refused(SERVICE_PLAIN, -5, ONLY, "", ENOSYS,
        "the service does not know state -5: it has no callback for it "
        "(sef_setcb_lu_state_isvalid)");
}

static void test_custom_callback_makes_it_einval(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'l', "done 108");
    service_send(&s, RS_LU_PREPARE, 99, ONLY, "");
    service_expect_text(&s, RS_LU_PREPARE, EINVAL, "state 99 is not valid for the service");
    service_end(&s);
}

static void test_before_the_initialisation(void **state)
{
    struct service s;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, ONLY, "");
    service_expect_text(&s, RS_LU_PREPARE, EBUSY, "the service is not initialised yet");
    service_end(&s);
}

static void test_busy_does_not_disturb_the_first_request(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'l', "done 108");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_REQUEST_FREE, ONLY, "");
    service_expect_line(&s, "changed 0 2");
    service_expect_line(&s, "dump 2");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, ONLY, "");
    service_expect_text(&s, RS_LU_PREPARE, EBUSY, "another update is being prepared");
    service_ask(&s, 'r', "done 114");
    service_expect_line(&s, "save 2");
    service_expect(&s, RS_LU_PREPARE, OK);
    service_end(&s);
}

static void test_life_of_a_request(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "fd");
    service_ask(&s, 'l', "done 108");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_REQUEST_FREE, ONLY, "");
    service_expect_line(&s, "changed 0 2");
    service_expect_line(&s, "dump 2");
    service_ask(&s, 'n', "endpoint 7");
    service_ask(&s, 'r', "done 114");
    service_expect_line(&s, "save 2");
    service_expect(&s, RS_LU_PREPARE, OK);
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    service_expect_line(&s, "changed 2 0");
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
}

static void test_cancel_has_no_reply(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "epoll");
    service_ask(&s, 'l', "done 108");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_UNREACHABLE, ONLY, "");
    service_expect_line(&s, "changed 0 5");
    service_expect_line(&s, "dump 5");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    service_expect_line(&s, "changed 5 0");
    /* The next reply is that of the next request. */
    service_send(&s, RS_LU_PREPARE, 99, ONLY, "");
    service_expect(&s, RS_LU_PREPARE, EINVAL);
    service_end(&s);
}

/* A cancel ends only the request that it was sent for. */
static void test_cancel_of_an_earlier_request(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 'l', "done 108");
    s.serial = 8;
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_REQUEST_FREE, 0, "");
    service_expect_line(&s, "changed 0 2");
    service_expect_line(&s, "dump 2");
    s.serial = 7;
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    service_ask(&s, 'r', "done 114");
    s.serial = 8;
    service_expect_line(&s, "save 2");
    service_expect(&s, RS_LU_PREPARE, OK);
    s.serial = 7;
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    service_send_start(&s, 0, 20000, "init-hang");
    service_take_number(&s, "hanging");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "by request");
    assert_string_equal(service_expect(&s, RS_LU_ROLLBACK, EINTR).text, "by request");
    service_end(&s);
}

static void test_error_of_prepare_ends_the_request(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'l', "done 108");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_PROTOCOL_FREE, ONLY, "");
    service_expect_line(&s, "changed 0 3");
    service_expect_line(&s, "dump 3");
    service_expect_text(
        &s, RS_LU_PREPARE, EPERM, "state 3 cannot be reached: Operation not permitted");
    service_expect_line(&s, "changed 3 0");
    service_end(&s);
}

static void test_error_of_save_refuses(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'e', "done 101");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, ONLY, "");
    service_expect_text(
        &s, RS_LU_PREPARE, EIO, "the service could not save its state: Input/output error");
    service_end(&s);
}

static void test_expression_is_tested_at_each_point(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_EVAL, 0, "n == 0");
    service_ask(&s, 'n', "endpoint 7");
    service_ask(&s, '0', "value 0");
    service_ask(&s, '1', "value 1");
    service_expect(&s, RS_LU_PREPARE, OK);
    service_end(&s);
}

static void test_prepare_crash_crashes(void **state)
{
    struct service s;
    int status;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_PREPARE_CRASH, ONLY, "");
    status = service_wait(&s, s.pid);
    assert_true(WIFSIGNALED(status));
    service_end(&s);
}

static void test_threads_are_refused(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 't', "done 116");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    service_expect_text(&s, RS_LU_PREPARE, ENOTSUP,
        "the service has 2 threads: it must have ended all but one when it waits for work");
    service_end(&s);
}

static void test_other_thread_is_refused(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "thread");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    service_expect_text(&s, RS_LU_PREPARE, ENOTSUP,
        "another thread than the main thread waits for work: let the main thread wait");
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
}

/* Take the service's right to open more files than its first three; poll() needs as much. */
static void limit_files(const struct service *s)
{
    struct rlimit none = { 3, 3 };

    assert_int_equal(prlimit(s->pid, RLIMIT_NOFILE, &none, NULL), 0);
}

static void test_out_of_descriptors(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    limit_files(&s);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_text(
        &s, RS_LU_ROLLBACK, EMFILE, "cannot make a socket pair: Too many open files");
    service_end(&s);
}

static void test_start_needs_ready(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_send_start(&s, 0, 1000, "v2");
    service_expect_text(&s, RS_LU_ROLLBACK, EINVAL, "the service did not say that it is ready");
    service_end(&s);
}

static void test_ready_does_not_last_for_ever(void **state)
{
    struct sef_packet p = { .magic = SEF_WIRE_MAGIC,
        .version = SEF_WIRE_VERSION,
        .type = RS_LU_PREPARE,
        .state = SEF_LU_STATE_WORK_FREE,
        .limit_ms = 1 };
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    p.serial = s.serial;
    assert_true(send(s.control, &p, offsetof(struct sef_packet, text) + 1, 0) > 0);
    service_expect(&s, RS_LU_PREPARE, OK);
    service_expect_text(&s, RS_LU_ROLLBACK, EINTR, "ready, but not started within 1 ms");
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_requests_that_are_refused),
        cmocka_unit_test(test_custom_callback_makes_it_einval),
        cmocka_unit_test(test_before_the_initialisation),
        cmocka_unit_test(test_busy_does_not_disturb_the_first_request),
        cmocka_unit_test(test_life_of_a_request),
        cmocka_unit_test(test_cancel_has_no_reply),
        cmocka_unit_test(test_cancel_of_an_earlier_request),
        cmocka_unit_test(test_error_of_prepare_ends_the_request),
        cmocka_unit_test(test_error_of_save_refuses),
        cmocka_unit_test(test_expression_is_tested_at_each_point),
        cmocka_unit_test(test_prepare_crash_crashes),
        cmocka_unit_test(test_threads_are_refused),
        cmocka_unit_test(test_other_thread_is_refused),
        cmocka_unit_test(test_out_of_descriptors),
        cmocka_unit_test(test_start_needs_ready),
        cmocka_unit_test(test_ready_does_not_last_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
