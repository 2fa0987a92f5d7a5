/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service without the runtime: every hook is absent and harmless.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
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
    assert_int_equal(sef_llvm_ltckpt_restart(SEF_INIT_RESTART, &info), ENOSYS);
    assert_int_equal(sef_llvm_add_special_mem_region(buff, sizeof(buff), "buff"), ENOSYS);
    assert_int_equal(sef_llvm_del_special_mem_region_by_addr(buff), ENOSYS);
    assert_int_equal(sef_cb_gcov_flush(NULL), ENOSYS);
    assert_int_equal(sef_cb_gcov_null(NULL), ENOSYS);
    sef_llvm_ds_st_init();
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

static void test_contiguous_memory_is_mapped(void **state)
{
    char *p =
        sef_llvm_ac_mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void) state;
    assert_ptr_not_equal(p, MAP_FAILED);
    p[8191] = 1;
    assert_int_equal(sef_llvm_ac_munmap(p, 8192), 0);
    assert_int_equal(sef_llvm_ac_munmap(p + 1, 8192), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hooks_absent),
        cmocka_unit_test(test_real_brk_is_brk),
        cmocka_unit_test(test_contiguous_memory_is_mapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
