/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A commit: the new instance has the service, the old one is gone without a trace.
 */
#include "driver.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

/* Update to `image` and see the new instance serve. Returns its pid. */
static pid_t update(struct service *s, const char *image, pid_t old)
{
    struct sef_packet p;
    int status;

    service_make_ready(s, 0);
    service_send_start(s, 0, 20000, image);
    service_expect_line(s, "init state 1");
    p = service_expect(s, RS_LU_START, OK);
    assert_true(p.pid > 0 && p.pid != old);
    service_send(s, RS_LU_COMMIT, 0, 0, "");
    assert_int_equal(service_expect(s, RS_LU_COMMIT, OK).pid, p.pid);
    status = service_wait(s, old);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(service_ask_number(s, 'p', "pid"), p.pid);
    return p.pid;
}

static void commit_in_mode(const char *mode)
{
    struct service s;
    pid_t pid;

    service_start_fresh(&s, SERVICE_FAKE, mode);
    pid = update(&s, "v2", s.pid);
    service_ask(&s, 'g', "commits 1");
    service_ask(&s, 'n', "endpoint 7");
    pid = update(&s, "v3", pid);
    service_ask(&s, 'g', "commits 2");
    service_command(&s, 'q');
    service_wait(&s, pid);
    service_end(&s);
}

static void test_commit_from_sef_wait(void **state)
{
    (void) state;
    commit_in_mode("wait");
}

static void test_commit_from_epoll_wait(void **state)
{
    (void) state;
    commit_in_mode("epoll");
}

static void test_commit_from_own_loop(void **state)
{
    (void) state;
    commit_in_mode("fd");
}

static void test_statistics_reach_the_supervisor(void **state)
{
    struct service s;
    struct sef_packet p;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    p = service_expect(&s, RS_LU_START, OK);
    assert_int_equal(p.stats.vars_paired, 11);
    assert_int_equal(p.stats.objects_moved, 22);
    assert_int_equal(p.stats.ns_scan, 33);
    assert_int_equal(p.stats.objects_in_place, 44);
    assert_int_equal(p.stats.bytes_moved, 55);
    assert_int_equal(p.stats.ns_verify, 66);
    assert_int_equal(p.stats.values_checked, 77);
    assert_int_equal(p.stats.values_unchecked, 88);
    assert_int_equal(p.stats.differences, 99);
    assert_string_equal(p.policies[0].name, "removed");
    assert_string_equal(p.policies[0].action, "warn");
    assert_int_equal(p.policies[0].count, 3);
    assert_string_equal(p.policies[1].name, "lost");
    assert_string_equal(p.policies[2].name, "");
    assert_int_equal(p.error.code, 0);
    assert_true(p.stats.ns_fork > 0 && p.stats.ns_load > 0 && p.stats.ns_main > 0);
    assert_true(p.stats.ns_transfer > 0 && p.stats.ns_init > 0);
    assert_true(p.stats.ns_pause >
                p.stats.ns_load + p.stats.ns_main + p.stats.ns_transfer + p.stats.ns_init);
    service_end(&s);
}

/* Output that was buffered before the update appears once. */
static void test_buffered_output_appears_once(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_ask(&s, 'b', "done 98");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "buffered init state 1");
    pid = service_expect(&s, RS_LU_START, OK).pid;
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect(&s, RS_LU_COMMIT, OK);
    service_wait(&s, s.pid);
    service_command(&s, 'q');
    service_wait(&s, pid);
    service_expect_line(&s, "exit handler ran");
    service_expect_gone(&s);
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commit_from_sef_wait),
        cmocka_unit_test(test_commit_from_epoll_wait),
        cmocka_unit_test(test_commit_from_own_loop),
        cmocka_unit_test(test_statistics_reach_the_supervisor),
        cmocka_unit_test(test_buffered_output_appears_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
