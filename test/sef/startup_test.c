/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting a service: alone, under a supervisor, and with a control socket that is none.
 */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Start the service with SEF_CONTROL_FD as given (NULL: unset) and no socket behind it. */
static void start_with(struct service *s, const char *value)
{
    int in[2], out[2];

    memset(s, 0, sizeof(*s));
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    s->pid = fork();
    if (s->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        if (value)
            setenv(SEF_CONTROL_FD_ENV, value, 1);
        execl(SERVICE_PLAIN, SERVICE_PLAIN, "wait", (char *) NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    s->commands = in[1];
    s->output = out[0];
    s->control = -1;
}

static void test_alone_it_serves_at_once(void **state)
{
    struct service s;

    (void) state;
    start_with(&s, NULL);
    service_ask(&s, 'd', "fd -1");
    service_ask(&s, 'n', "endpoint -1");
    service_end(&s);
}

static void test_bad_descriptors_are_errors(void **state)
{
    static const struct {
        const char *value;
        int error;
    } cases[] = {
        { "1", ENOTSOCK },
        { "900", EBADF },
        { "", EBADF },
        { "3x", EBADF },
        { "-1", EBADF },
    };
    char line[32];

    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct service s;

        start_with(&s, cases[i].value);
        snprintf(line, sizeof(line), "startup %d", cases[i].error);
        service_expect_line(&s, line);
        assert_int_equal(WEXITSTATUS(service_wait(&s, s.pid)), 1);
        service_end(&s);
    }
}

static void test_stream_socket_is_an_error(void **state)
{
    struct service s;
    int pair[2];
    char number[16], line[32];

    (void) state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    snprintf(number, sizeof(number), "%d", pair[0]);
    start_with(&s, number);
    snprintf(line, sizeof(line), "startup %d", EPROTOTYPE);
    service_expect_line(&s, line);
    service_wait(&s, s.pid);
    service_end(&s);
    close(pair[0]);
    close(pair[1]);
}

static void test_fresh_init_and_clean_environment(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "wait");
    service_ask(&s, 'n', "endpoint 7");
    service_ask(&s, 'v', "environment clean");
    service_ask(&s, 'x', "cloexec 1");
    assert_true(service_ask_number(&s, 'd', "fd") >= 0);
    service_end(&s);
}

static void test_init_that_fails_is_reported(void **state)
{
    struct service s;
    struct sef_packet p;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_INIT, 0, SEF_INIT_FAIL, "test");
    p = service_expect(&s, RS_INIT, ENOSYS);
    assert_string_equal(p.text, strerror(ENOSYS));
    service_expect_line(&s, "startup 38");
    service_wait(&s, s.pid);
    service_end(&s);
}

static void test_init_that_crashes_ends_the_service(void **state)
{
    struct service s;
    int status;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_INIT, 0, SEF_INIT_CRASH, "test");
    status = service_wait(&s, s.pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    service_end(&s);
}

static void test_requests_before_init_are_refused(void **state)
{
    struct service s;

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    service_expect(&s, RS_LU_PREPARE, EBUSY);
    service_send(&s, RS_INIT, 0, 0, "test");
    service_expect(&s, RS_INIT, OK);
    service_end(&s);
}

static void test_supervisor_gone_before_init(void **state)
{
    struct service s;
    char line[32];

    (void) state;
    service_start(&s, SERVICE_PLAIN, "wait");
    shutdown(s.control, SHUT_RDWR);
    snprintf(line, sizeof(line), "startup %d", ENOTCONN);
    service_expect_line(&s, line);
    service_wait(&s, s.pid);
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone_it_serves_at_once),
        cmocka_unit_test(test_bad_descriptors_are_errors),
        cmocka_unit_test(test_stream_socket_is_an_error),
        cmocka_unit_test(test_fresh_init_and_clean_environment),
        cmocka_unit_test(test_init_that_fails_is_reported),
        cmocka_unit_test(test_init_that_crashes_ends_the_service),
        cmocka_unit_test(test_requests_before_init_are_refused),
        cmocka_unit_test(test_supervisor_gone_before_init),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
