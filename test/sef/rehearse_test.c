/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A rehearsal: the service goes on at once, and learns nothing of what happens on its fork.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

static void begin(struct service *s, const char *image, uint32_t limit_ms)
{
    service_start_fresh(s, SERVICE_FAKE, "wait");
    service_make_ready(s, SEF_LU_REHEARSE);
    service_send_start(s, SEF_LU_REHEARSE, limit_ms, image);
}

static void goes_on(struct service *s)
{
    assert_int_equal(service_ask_number(s, 'p', "pid"), s->pid);
    service_ask(s, 'g', "commits 0");
    service_ask(s, 'c', "children 0");
    service_ask(s, 'w', "wait 10");
}

static void test_rehearsal_that_works(void **state)
{
    struct service s;
    struct sef_packet p;

    (void) state;
    begin(&s, "v2", 20000);
    service_expect_line(&s, "init state 1");
    p = service_expect(&s, RS_LU_START, OK);
    assert_true(p.pid != s.pid);
    assert_int_equal(p.stats.vars_paired, 11);
    goes_on(&s);
    service_end(&s);
}

static void test_rehearsal_that_fails(void **state)
{
    struct service s;

    (void) state;
    begin(&s, "init-crash", 20000);
    assert_non_null(strstr(service_expect(&s, RS_LU_START, ERESTART_SEF).text, "SIGSEGV"));
    goes_on(&s);
    service_end(&s);
    begin(&s, "load-error", 20000);
    assert_non_null(strstr(service_expect(&s, RS_LU_START, ENOEXEC).text, "undefined symbol"));
    goes_on(&s);
    service_end(&s);
    begin(&s, "main-hang", 1);
    service_expect(&s, RS_LU_START, EINTR);
    service_end(&s);
}

/* The service serves while the rehearsal hangs. */
static void test_service_goes_on_meanwhile(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    begin(&s, "init-hang", 20000);
    pid = (pid_t) service_take_number(&s, "hanging");
    goes_on(&s);
    kill(pid, SIGKILL);
    service_expect(&s, RS_LU_START, ERESTART_SEF);
    goes_on(&s);
    service_end(&s);
}

/* A rehearsal never takes the service over, whoever dies. */
static void test_service_dies_meanwhile(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    begin(&s, "init-hang", 20000);
    pid = (pid_t) service_take_number(&s, "hanging");
    kill(s.pid, SIGKILL);
    service_wait(&s, s.pid);
    kill(pid, SIGUSR1);
    service_expect(&s, RS_LU_START, OK);
    service_expect_hangup(&s);
    service_expect_gone(&s);
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rehearsal_that_works),
        cmocka_unit_test(test_rehearsal_that_fails),
        cmocka_unit_test(test_service_goes_on_meanwhile),
        cmocka_unit_test(test_service_dies_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
