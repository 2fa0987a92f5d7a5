/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Stateful restart: what a crashed service tells, and how its replica goes on.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* See the service crash by `sig` and its replica wait. Returns the replica. */
static pid_t expect_replica(struct service *s, int sig)
{
    struct sef_packet p = service_expect(s, RS_CRASHED, sig);
    pid_t replica = 0;
    int status;

    assert_int_equal(p.state, SEF_CRASHED_FORKING);
    assert_true(p.error.old_addr != 0);
    /* Parent and replica speak at the same time. */
    for (int i = 0; i < 2; i++) {
        char peek[offsetof(struct sef_packet, text)];
        const struct sef_packet *next = (const struct sef_packet *) (const void *) peek;

        assert_true(recv(s->control, peek, sizeof(peek), MSG_PEEK) == sizeof(peek));
        p = service_expect(s, RS_CRASHED, next->result);
        assert_true(p.state == SEF_CRASHED_FORKED || p.state == SEF_CRASHED_REPLICA);
        assert_true(p.pid > 0 && (replica == 0 || replica == p.pid));
        replica = p.pid;
    }
    status = service_wait(s, s->pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), sig);
    s->pid = replica;
    return replica;
}

static void restart(struct service *s, int restarts)
{
    service_send_restart(s, restarts);
    assert_int_equal(service_expect(s, RS_INIT, OK).endpoint, 7);
}

static void expect_death(struct service *s, int sig, const char *why)
{
    int status;

    assert_int_equal(service_expect_text(s, RS_CRASHED, sig, why).state, SEF_CRASHED_LOST);
    status = service_wait(s, s->pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), sig);
    service_expect_gone(s);
}

static void test_each_signal(void **state)
{
    static const struct {
        char command;
        int sig;
    } cases[] = { { 'k', SIGSEGV }, { 'K', SIGABRT }, { 'z', SIGILL }, { 'y', SIGSYS },
        { 'o', SIGSEGV } };
    static const int sent[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS };
    struct service s;
    int restarts = 0;
    char line[32];

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, 'a', "alarm 1");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        service_command(&s, cases[i].command);
        expect_replica(&s, cases[i].sig);
        restart(&s, ++restarts);
        snprintf(line, sizeof(line), "counter %d", restarts);
        service_ask(&s, '+', line);
    }
    for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++) {
        kill(s.pid, sent[i]);
        expect_replica(&s, sent[i]);
        restart(&s, ++restarts);
        snprintf(line, sizeof(line), "counter %d", restarts);
        service_ask(&s, '+', line);
    }
    service_ask(&s, 'A', "interval 7");
    service_ask(&s, 'n', "endpoint 7");
    service_end(&s);
}

static void test_callback_of_its_own(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "callback");
    service_ask(&s, '+', "counter 1");
    service_command(&s, 'k');
    expect_replica(&s, SIGSEGV);
    service_send_restart(&s, 1);
    service_expect_line(&s, "restart 1 of 7 from 7, controlled 0");
    service_expect(&s, RS_INIT, OK);
    service_send(&s, RS_FI, SEF_FI_CRASH, 0, "");
    expect_replica(&s, SIGABRT);
    restart(&s, 2);
    service_expect_line(&s, "restart 2 of 7 from 7, controlled 1");
    service_ask(&s, '+', "counter 2");
    /* A replica that fails ends without the exit handlers of the process it continues. */
    service_command(&s, 'k');
    expect_replica(&s, SIGSEGV);
    service_send_restart(&s, 3);
    service_expect_line(&s, "restart 3 of 7 from 7, controlled 0");
    service_expect(&s, RS_INIT, EPROTO);
    assert_int_equal(WEXITSTATUS(service_wait(&s, s.pid)), 1);
    service_expect_gone(&s);
}

static void test_nobody_can_continue(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_PLAIN, "stateful");
    service_command(&s, 'k');
    expect_death(&s, SIGSEGV, "it was not built with sef-cc");
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, '~', "restart code 126");
    service_command(&s, 'K');
    expect_death(&s, SIGABRT, "it crashed in the allocator");
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, '-', "restart code 45");
    service_command(&s, 'K');
    expect_death(&s, SIGABRT, "its main cannot be entered again");
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, 't', "done 116");
    service_command(&s, 'k');
    expect_death(&s, SIGSEGV, "it has more than one thread");
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, 'f', "set 102");
    service_command(&s, 'k');
    assert_int_equal(WTERMSIG(service_wait(&s, s.pid)), SIGSEGV);
    service_expect_gone(&s);
}

/* Also a callback that is set late counts; a service without one dies as ever. */
static void test_callback_that_is_set_late(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 'F', "set 70");
    service_command(&s, 'k');
    expect_replica(&s, SIGSEGV);
    service_send_restart(&s, 1);
    /* The replica's main registered none. */
    service_expect(&s, RS_INIT, ERESTART_SEF);
    service_wait(&s, s.pid);
    service_expect_gone(&s);
}

static void test_supervisor_that_is_gone(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, '+', "counter 1");
    service_command(&s, 'k');
    expect_replica(&s, SIGSEGV);
    shutdown(s.control, SHUT_RDWR);
    service_ask(&s, '+', "counter 2");
    /* There is nobody to bound it: the next crash is the last. */
    service_command(&s, 'k');
    assert_int_equal(WTERMSIG(service_wait(&s, s.pid)), SIGSEGV);
    service_expect_gone(&s);
}

static void test_crash_of_a_child_is_its_own(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_ask(&s, 'u', "child 11");
    service_end(&s);
}

static void test_crash_of_the_replica_before_its_init(void **state)
{
    struct service s;
    int status;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_command(&s, 'k');
    expect_replica(&s, SIGSEGV);
    service_send(&s, RS_INIT, 0, SEF_INIT_CRASH, "test");
    status = service_wait(&s, s.pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    service_expect_gone(&s);
}

/* A frozen instance's crash is the business of the update. */
static void test_crash_while_ready(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_make_ready(&s, 0);
    kill(s.pid, SIGSEGV);
    assert_int_equal(WTERMSIG(service_wait(&s, s.pid)), SIGSEGV);
    service_expect_gone(&s);
}

static void test_after_an_update(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "stateful");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "init state 1");
    service_expect(&s, RS_LU_START, OK);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    service_wait(&s, s.pid);
    s.pid = (pid_t) service_ask_number(&s, 'p', "pid");
    service_command(&s, 'k');
    expect_replica(&s, SIGSEGV);
    restart(&s, 1);
    service_ask(&s, '+', "counter 1");
    service_end(&s);
}

/* In a process that was just started there is nothing to continue with. */
static void test_restart_of_a_new_process(void **state)
{
    struct service s;

    (void) state;
    service_start(&s, SERVICE_FAKE, "stateful");
    service_send_restart(&s, 4);
    service_expect(&s, RS_INIT, ERESTART_SEF);
    service_end(&s);
    service_start(&s, SERVICE_FAKE, "wait");
    service_send_restart(&s, 4);
    service_expect(&s, RS_INIT, ERESTART_SEF);
    service_end(&s);
    service_start(&s, SERVICE_FAKE, "fresh");
    service_send_restart(&s, 4);
    service_expect_line(&s, "fresh restart 4");
    assert_int_equal(service_expect(&s, RS_INIT, OK).flags, SEF_WIRE_RESTARTS);
    service_end(&s);
}

int main(void)
{
    const struct rlimit none = { 0, 0 };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_signal),
        cmocka_unit_test(test_callback_of_its_own),
        cmocka_unit_test(test_nobody_can_continue),
        cmocka_unit_test(test_callback_that_is_set_late),
        cmocka_unit_test(test_supervisor_that_is_gone),
        cmocka_unit_test(test_crash_of_a_child_is_its_own),
        cmocka_unit_test(test_crash_of_the_replica_before_its_init),
        cmocka_unit_test(test_crash_while_ready),
        cmocka_unit_test(test_after_an_update),
        cmocka_unit_test(test_restart_of_a_new_process),
    };

    setrlimit(RLIMIT_CORE, &none);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
