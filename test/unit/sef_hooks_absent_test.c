/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service without the runtime: every hook is absent and harmless.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include <sef/sef.h>

static void test_hooks_absent(void **state)
{
    char expr[] = "x == 1", result = 9, buff[1024];
    sef_init_info_t info = { 0 };

    (void) state;
    assert_int_equal(sef_llvm_magic_enabled(), 0);
    assert_int_equal(sef_llvm_ltckpt_enabled(), 0);
    assert_int_equal(sef_llvm_get_ltckpt_offset(), 0);
    assert_null(sef_llvm_state_table_addr());
    assert_int_equal(sef_llvm_state_table_size(), 0);
    assert_int_equal(sef_llvm_eval_bool(expr, &result), ENOSYS);
    assert_int_equal(result, 9);
    assert_int_equal(sef_llvm_state_transfer(&info), ENOSYS);
    assert_int_equal(sef_st_state_transfer(&info), ENOSYS);
    assert_int_equal(sef_old_state_table_lookup(&info, buff), ENOSYS);
    assert_int_equal(sef_llvm_state_cleanup(), OK);
    sef_llvm_dump_eval(expr);
    sef_llvm_stack_refs_save(buff);
    sef_llvm_stack_refs_restore(buff);
}

static void test_real_brk_is_brk(void **state)
{
    char *now = sbrk(0);

    (void) state;
    assert_int_equal(sef_llvm_real_brk(now + 8192), 0);
    assert_ptr_equal(sbrk(0), now + 8192);
    assert_int_equal(sef_llvm_real_brk(now), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hooks_absent),
        cmocka_unit_test(test_real_brk_is_brk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
