/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Whatever goes wrong with the new version, the old instance goes on and says what it was.
 */
#include "driver.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* The same process serves, had no commit, and can be updated to a good version. */
static void goes_on(struct service *s)
{
    assert_int_equal(service_ask_number(s, 'p', "pid"), s->pid);
    service_ask(s, 'g', "commits 0");
    service_ask(s, 'c', "children 0");
    service_ask(s, 'w', "wait 10");
    service_make_ready(s, 0);
    service_send_start(s, 0, 20000, "v2");
    service_expect_line(s, "init state 1");
    service_expect(s, RS_LU_START, OK);
    service_send(s, RS_LU_COMMIT, 0, 0, "");
    service_expect(s, RS_LU_COMMIT, OK);
    service_ask(s, 'g', "commits 1");
}

static void rolls_back(const char *image, int flags, int error, const char *reason)
{
    struct service s;

    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, flags);
    service_send_start(&s, flags, 20000, image);
    if (strcmp(image, "transfer-error") == 0 || strcmp(image, "no-response") == 0)
        service_expect_line(&s, "init state 1");
    service_expect_text(&s, RS_LU_ROLLBACK, error, reason);
    goes_on(&s);
    service_end(&s);
}

static void test_new_version_fails(void **state)
{
    (void) state;
    rolls_back("", 0, EINVAL, "no image to update to");
    rolls_back("load-error", 0, ENOEXEC, "load-error: undefined symbol: gone");
    rolls_back("load-crash", 0, ERESTART_SEF,
        "new version crashed with SIGSEGV while its image was being loaded");
    rolls_back(
        "main-crash", 0, ERESTART_SEF, "new version crashed with SIGBUS before sef_startup()");
    rolls_back(
        "main-exit", 0, ERESTART_SEF, "new version exited with status 3 before sef_startup()");
    rolls_back("main-fork", 0, ENOTSUP, "the new version forked before sef_startup()");
    rolls_back("main-garbage", 0, EBADMSG, "from the new version: packet is too short");
    rolls_back("init-crash", 0, ERESTART_SEF, "new version crashed with SIGSEGV during init");
    rolls_back("init-error", 0, EPROTO, "its initialisation returned 71 (Protocol error)");
    rolls_back("transfer-error", 0, ERANGE, "value of 'limit' does not fit");
    rolls_back("no-response", 0, EGENERIC, "the init response callback did not report the result");
}

static void test_debug_flags(void **state)
{
    (void) state;
    rolls_back(
        "v2", SEF_INIT_FAIL, ENOSYS, "its initialisation returned 38 (Function not implemented)");
    rolls_back("v2", SEF_INIT_CRASH, ERESTART_SEF, "new version crashed with SIGABRT during init");
}

static void hangs(const char *image, int flags)
{
    struct service s;
    struct sef_packet p;

    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, flags, 1, image);
    p = service_expect(&s, RS_LU_ROLLBACK, EINTR);
    assert_non_null(strstr(p.text, "new version hung"));
    assert_non_null(strstr(p.text, "not done within 1 ms"));
    service_end(&s);
}

static void test_hang_past_the_limit(void **state)
{
    (void) state;
    hangs("main-hang", 0);
    hangs("init-hang", 0);
    hangs("v2", SEF_INIT_TIMEOUT);
}

/* Bring an update to where the new instance hangs in its init. Returns its pid. */
static pid_t hang_in_init(struct service *s)
{
    char line[32];
    pid_t pid;

    service_start_fresh(s, SERVICE_FAKE, "wait");
    service_make_ready(s, 0);
    service_send_start(s, 0, 20000, "init-hang");
    /* The answer to a command that is never read: the new instance says who it is by itself. */
    pid = (pid_t) service_take_number(s, "hanging");
    snprintf(line, sizeof(line), "/proc/%d", pid);
    assert_int_equal(access(line, F_OK), 0);
    return pid;
}

static void test_child_is_killed(void **state)
{
    struct service s;

    (void) state;
    assert_int_equal(kill(hang_in_init(&s), SIGKILL), 0);
    service_expect_text(
        &s, RS_LU_ROLLBACK, ERESTART_SEF, "new version was ended by SIGKILL during init");
    goes_on(&s);
    service_end(&s);
}

/* Its death is noticed though nothing closes its end of the private socket. */
static void test_child_leaves_a_child(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "init-orphan");
    pid = (pid_t) service_take_number(&s, "hanging");
    service_expect_text(
        &s, RS_LU_ROLLBACK, ERESTART_SEF, "new version crashed with SIGSEGV during init");
    goes_on(&s);
    assert_int_equal(kill(pid, SIGKILL), 0);
    service_end(&s);
}

static void test_child_is_killed_after_init(void **state)
{
    struct service s;
    pid_t pid;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "v2");
    service_expect_line(&s, "init state 1");
    pid = service_expect(&s, RS_LU_START, OK).pid;
    assert_int_equal(kill(pid, SIGKILL), 0);
    service_expect_text(
        &s, RS_LU_ROLLBACK, ERESTART_SEF, "new version was ended by SIGKILL after init");
    goes_on(&s);
    service_end(&s);
}

static void test_supervisor_rolls_back(void **state)
{
    struct service s;

    (void) state;
    hang_in_init(&s);
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "another member failed");
    service_expect_text(&s, RS_LU_ROLLBACK, EINTR, "another member failed");
    goes_on(&s);
    service_end(&s);
    hang_in_init(&s);
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "");
    service_expect_text(&s, RS_LU_ROLLBACK, EINTR, "rolled back on request");
    service_end(&s);
}

static void test_supervisor_cancels_or_errs(void **state)
{
    struct service s;

    (void) state;
    hang_in_init(&s);
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    service_expect_text(&s, RS_LU_PREPARE, EBUSY, "an update is going on");
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_NULL, 0, "");
    service_expect_text(&s, RS_LU_ROLLBACK, EINTR, "cancelled on request");
    goes_on(&s);
    service_end(&s);
    hang_in_init(&s);
    service_send(&s, RS_LU_COMMIT, 0, 0, "");
    service_expect_text(
        &s, RS_LU_ROLLBACK, EINVAL, "commit before the new version was initialised");
    goes_on(&s);
    service_end(&s);
    hang_in_init(&s);
    service_send(&s, 0x7f1, 0, 0, "");
    service_expect_text(&s, RS_LU_ROLLBACK, EINVAL, "unexpected packet 0x7f1 in an update");
    service_end(&s);
}

static void test_rollback_while_ready(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send(&s, RS_LU_PREPARE, SEF_LU_STATE_WORK_FREE, 0, "");
    service_expect_text(&s, RS_LU_PREPARE, EBUSY, "the service is ready for another update");
    service_send(&s, RS_LU_ROLLBACK, 0, 0, "");
    service_expect_text(&s, RS_LU_ROLLBACK, EINTR, "rolled back before the start");
    goes_on(&s);
    service_end(&s);
}

static void test_no_commit_comes(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 500, "v2");
    service_expect_line(&s, "init state 1");
    service_expect(&s, RS_LU_START, OK);
    service_expect_text(&s, RS_LU_ROLLBACK, EINTR, "no commit within 1500 ms");
    goes_on(&s);
    service_end(&s);
}

/* No exit handler and no buffer of the old instance is written by the new one's end. */
static void test_exit_of_the_new_version_is_silent(void **state)
{
    struct service s;

    (void) state;
    service_start_fresh(&s, SERVICE_FAKE, "wait");
    service_make_ready(&s, 0);
    service_send_start(&s, 0, 20000, "main-exit");
    service_expect(&s, RS_LU_ROLLBACK, ERESTART_SEF);
    service_ask(&s, 'n', "endpoint 7");
    service_command(&s, 'q');
    service_expect_line(&s, "exit handler ran");
    service_wait(&s, s.pid);
    service_expect_gone(&s);
    service_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new_version_fails),
        cmocka_unit_test(test_debug_flags),
        cmocka_unit_test(test_hang_past_the_limit),
        cmocka_unit_test(test_child_is_killed),
        cmocka_unit_test(test_child_leaves_a_child),
        cmocka_unit_test(test_child_is_killed_after_init),
        cmocka_unit_test(test_supervisor_rolls_back),
        cmocka_unit_test(test_supervisor_cancels_or_errs),
        cmocka_unit_test(test_rollback_while_ready),
        cmocka_unit_test(test_no_commit_comes),
        cmocka_unit_test(test_exit_of_the_new_version_is_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
