/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The predefined callbacks and predicates of libsef, without supervisor and runtime.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <sef/sef.h>

static int calls;

static int count(int type, sef_init_info_t *info)
{
    (void) info;
    calls++;
    return type == SEF_INIT_FRESH ? OK : EPROTO;
}

static void test_init_callbacks(void **state)
{
    sef_init_info_t info = { 0 };

    (void) state;
    assert_int_equal(sef_cb_init_null(SEF_INIT_FRESH, &info), OK);
    assert_int_equal(sef_cb_init_fail(SEF_INIT_FRESH, &info), ENOSYS);
    assert_int_equal(sef_cb_init_reset(SEF_INIT_RESTART, &info), ERESTART_SEF);
}

static void test_identity_state_transfer(void **state)
{
    sef_init_info_t info = { 0 };

    (void) state;
    /* For restart and self update only; and then the runtime is needed. */
    assert_int_equal(sef_cb_init_identity_state_transfer(SEF_INIT_FRESH, &info), ENOSYS);
    assert_int_equal(sef_cb_init_identity_state_transfer(SEF_INIT_LU, &info), ENOSYS);
    info.flags = SEF_LU_SELF;
    assert_int_equal(sef_cb_init_identity_state_transfer(SEF_INIT_LU, &info), ENOSYS);
    /* No crashed process is there to be continued. */
    assert_int_equal(sef_cb_init_identity_state_transfer(SEF_INIT_RESTART, &info), ERESTART_SEF);
    assert_int_equal(sef_cb_init_restart_generic(SEF_INIT_RESTART, &info), ERESTART_SEF);
    assert_int_equal(sef_cb_init_restart_generic(SEF_INIT_LU, &info), ENOSYS);
    assert_int_equal(sef_cb_init_restart_generic(SEF_INIT_FRESH, &info), ENOSYS);
    assert_ptr_equal(SEF_CB_INIT_RESTART_STATEFUL, sef_cb_init_restart_generic);
}

static void test_lu_identity_as_restart(void **state)
{
    sef_init_info_t info = { .flags = SEF_LU_SELF };

    (void) state;
    sef_setcb_init_restart(count);
    calls = 0;
    assert_int_equal(sef_cb_init_lu_identity_as_restart(SEF_INIT_FRESH, &info), ENOSYS);
    assert_int_equal(calls, 0);
    assert_int_equal(sef_cb_init_lu_identity_as_restart(SEF_INIT_LU, &info), EPROTO);
    assert_int_equal(calls, 1);
    /* The state goes along, which needs the runtime. */
    info.flags = SEF_LU_SELF | SEF_INIT_DEFCB;
    assert_int_equal(sef_cb_init_lu_identity_as_restart(SEF_INIT_LU, &info), ENOSYS);
    info.flags = SEF_LU_SELF | SEF_INIT_SCRIPT_RESTART;
    assert_int_equal(sef_cb_init_lu_identity_as_restart(SEF_INIT_LU, &info), ENOSYS);
    info.flags = 0;
    assert_int_equal(sef_cb_init_lu_identity_as_restart(SEF_INIT_LU, &info), ENOSYS);
    assert_int_equal(calls, 1);
    sef_setcb_init_restart(NULL);
}

static void test_lu_generic(void **state)
{
    sef_init_info_t info = { .flags = SEF_LU_SELF };

    (void) state;
    sef_setcb_init_restart(count);
    calls = 0;
    assert_int_equal(sef_cb_init_lu_generic(SEF_INIT_RESTART, &info), ENOSYS);
    assert_int_equal(sef_cb_init_lu_generic(SEF_INIT_LU, &info), EPROTO);
    assert_int_equal(calls, 1);
    /* Anything that forbids identity goes to the typed transfer. */
    info.flags = SEF_LU_SELF | SEF_INIT_ST;
    assert_int_equal(sef_cb_init_lu_generic(SEF_INIT_LU, &info), ENOSYS);
    info.flags = SEF_LU_SELF | SEF_LU_NOMMAP;
    assert_int_equal(sef_cb_init_lu_generic(SEF_INIT_LU, &info), ENOSYS);
    info.flags = SEF_LU_SELF | SEF_LU_ASR;
    assert_int_equal(sef_cb_init_lu_generic(SEF_INIT_LU, &info), ENOSYS);
    assert_int_equal(calls, 1);
    /* The default restart callback is back after NULL: it stands for keeping the state. */
    sef_setcb_init_restart(NULL);
    info.flags = SEF_LU_SELF;
    assert_int_equal(sef_cb_init_lu_generic(SEF_INIT_LU, &info), ENOSYS);
    assert_int_equal(calls, 1);
}

static void interrupt(int sig)
{
    (void) sig;
}

static void test_init_timeout_waits(void **state)
{
    struct itimerval timer = { .it_value = { 0, 1000 }, .it_interval = { 0, 1000 } };
    sef_init_info_t info = { 0 };

    (void) state;
    signal(SIGALRM, interrupt);
    setitimer(ITIMER_REAL, &timer, NULL);
    assert_int_equal(sef_cb_init_timeout(SEF_INIT_LU, &info), EBADCALL);
    setitimer(ITIMER_REAL, &(struct itimerval) { 0 }, NULL);
}

/* Run in a child and see by what it ends. */
static int status_of(void (*function)(void))
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        function();
        _exit(99);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void crash_in_init(void)
{
    sef_init_info_t info = { 0 };

    sef_cb_init_crash(SEF_INIT_LU, &info);
}

static void crash_in_prepare(void)
{
    sef_cb_lu_prepare_crash(SEF_LU_STATE_PREPARE_CRASH);
}

static void exit_handler(void)
{
    _exit(98);
}

static void end(void)
{
    atexit(exit_handler);
    sef_exit(5);
}

static void test_crash_and_exit(void **state)
{
    int status;

    (void) state;
    status = status_of(crash_in_init);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = status_of(crash_in_prepare);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    status = status_of(end);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 5);
}

static void test_response_callbacks(void **state)
{
    message m = { 0 };

    (void) state;
    assert_int_equal(sef_cb_init_response_null(&m), OK);
    assert_int_equal(sef_cb_init_response_rs_reply(&m), OK);
    assert_int_equal(sef_cb_lu_response_null(&m), OK);
    assert_int_equal(sef_cb_lu_response_rs_reply(&m), ENOTCONN);
}

static void test_prepare_callbacks(void **state)
{
    (void) state;
    assert_int_equal(sef_cb_lu_prepare_null(7), ENOTREADY);
    assert_int_equal(sef_cb_lu_prepare_always_ready(7), OK);
    assert_int_equal(sef_cb_lu_prepare_never_ready(7), ENOTREADY);
    assert_int_equal(sef_cb_lu_prepare_eval(SEF_LU_STATE_EVAL), ENOSYS);
    assert_int_equal(sef_cb_lu_state_save_null(7, 0), OK);
    sef_cb_lu_state_changed_null(0, 7);
    sef_cb_lu_state_dump_null(7);
    sef_cb_lu_state_dump_eval(SEF_LU_STATE_EVAL);
}

static void test_state_predicates(void **state)
{
    (void) state;
    for (int s = -1; s < 9; s++) {
        bool workfree = s == SEF_LU_STATE_WORK_FREE;
        bool standard = s >= SEF_LU_STATE_WORK_FREE && s <= SEF_LU_STATE_PROTOCOL_FREE;

        assert_false(sef_cb_lu_state_isvalid_null(s, SEF_LU_SELF));
        assert_int_equal(sef_cb_lu_state_isvalid_standard(s, 0), standard);
        assert_int_equal(sef_cb_lu_state_isvalid_workfree(s, 0), workfree);
        assert_false(sef_cb_lu_state_isvalid_workfree_self(s, 0));
        assert_int_equal(sef_cb_lu_state_isvalid_workfree_self(s, SEF_LU_SELF), workfree);
        assert_int_equal(sef_cb_lu_state_isvalid_generic(s, 0), workfree || s == SEF_LU_STATE_EVAL);
        assert_int_equal(SEF_LU_STATE_IS_DEBUG(s), s == 5 || s == 6);
    }
}

static void test_small_functions(void **state)
{
    void *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int seed = sef_getrndseed(), different = 0;

    (void) state;
    assert_int_equal(sef_munmap(page, 4096, 0), OK);
    assert_int_equal(sef_munmap((char *) page + 1, 4096, 0), EINVAL);
    for (int i = 0; i < 8; i++) {
        int next = sef_getrndseed();

        assert_true(next >= 0);
        different += next != seed;
    }
    assert_true(different > 0);
    assert_int_equal(sef_self(), NONE);
    assert_int_equal(sef_fd(), -1);
    assert_int_equal(sef_dispatch(), OK);
}

/* Last: it starts this process as a service. */
static void test_startup_alone_runs_the_fresh_callback(void **state)
{
    (void) state;
    calls = 0;
    sef_setcb_init_fresh(sef_cb_init_fail);
    assert_int_equal(sef_startup(), ENOSYS);
    assert_int_equal(errno, ENOSYS);
    sef_setcb_init_fresh(count);
    assert_int_equal(sef_startup(), OK);
    assert_int_equal(calls, 1);
    assert_int_equal(sef_startup(), EALREADY);
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_callbacks),
        cmocka_unit_test(test_identity_state_transfer),
        cmocka_unit_test(test_lu_identity_as_restart),
        cmocka_unit_test(test_lu_generic),
        cmocka_unit_test(test_init_timeout_waits),
        cmocka_unit_test(test_crash_and_exit),
        cmocka_unit_test(test_response_callbacks),
        cmocka_unit_test(test_prepare_callbacks),
        cmocka_unit_test(test_state_predicates),
        cmocka_unit_test(test_small_functions),
        cmocka_unit_test(test_startup_alone_runs_the_fresh_callback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
