/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Copying old state, and the hooks of the runtime: this program defines those it wants present.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <sef/sef.h>

#define SHADOW 64

static int table[4] = { 1, 2, 3, 4 };
static char evaluated[64], dumped[64];
static int transfer_result, saved = -1, eval_result;

/* The hooks, as the runtime declares them. */
int ltckpt_get_offset(void);
void *_magic_vars_addr(void);
size_t _magic_vars_size(void);
int _magic_state_transfer(void *info);
int magic_eval_bool(char *expr, char *result);
void _magic_dump_eval_bool(char *expr);
void st_stack_refs_save_restore(char *buf, int is_save);
void magic_init(void);

int ltckpt_get_offset(void)
{
    return SHADOW;
}

void *_magic_vars_addr(void)
{
    return table;
}

size_t _magic_vars_size(void)
{
    return sizeof(table);
}

int _magic_state_transfer(void *info)
{
    (void) info;
    return transfer_result;
}

int magic_eval_bool(char *expr, char *result)
{
    strcpy(evaluated, expr);
    *result = 1;
    return eval_result;
}

void _magic_dump_eval_bool(char *expr)
{
    strcpy(dumped, expr);
}

void st_stack_refs_save_restore(char *buf, int is_save)
{
    (void) buf;
    saved = is_save;
}

void magic_init(void)
{
}

/* Run `check` inside an initialisation: the only place where old state may be copied. A failing
 * result keeps the service unstarted, so that the next test can do the same. */
static int (*check)(sef_init_info_t *info);

static int run_check(int type, sef_init_info_t *info)
{
    (void) type;
    check(info);
    return ECANCELED;
}

static void inside_init(int (*function)(sef_init_info_t *info))
{
    check = function;
    sef_setcb_init_fresh(run_check);
    assert_int_equal(sef_startup(), ECANCELED);
}

static int copies(sef_init_info_t *info)
{
    char from[5000], to[5000];

    memset(from, 'x', sizeof(from));
    memset(to, 0, sizeof(to));
    assert_int_equal(info->copy_flags, SEF_COPY_OLD_TO_NEW);
    assert_int_equal(
        sef_copy_state_region(info, (vir_bytes) from, sizeof(from), (vir_bytes) to), OK);
    assert_memory_equal(from, to, sizeof(to));
    memcpy(from, "abcdef", 6);
    assert_int_equal(sef_copy_state_region(info, (vir_bytes) from, 6, (vir_bytes) (from + 2)), OK);
    assert_memory_equal(from, "ababcdef", 8);
    assert_int_equal(sef_copy_state_region_opaque(info, (uintptr_t) from, 3, (uintptr_t) to), OK);
    assert_memory_equal(to, "abax", 4);
    return sef_copy_state_region(info, (vir_bytes) from, 0, 0);
}

static int faults(sef_init_info_t *info)
{
    const size_t page = (size_t) sysconf(_SC_PAGESIZE);
    char *map = mmap(NULL, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *text;
    vir_bytes at;
    static char good[16384];

    assert_true(map != MAP_FAILED);
    at = (vir_bytes) map;
    text = map + page;
    assert_int_equal(mprotect(text, page, PROT_READ), 0);
    assert_int_equal(mprotect(text + page, page, PROT_NONE), 0);
    strcpy(map, "kept");
    /* Reading is possible up to the last page, writing to the first only. */
    assert_int_equal(sef_copy_state_region(info, at, 2 * page, (vir_bytes) good), OK);
    assert_int_equal(sef_copy_state_region(info, at, 2 * page + 1, (vir_bytes) good), EFAULT);
    assert_int_equal(sef_copy_state_region(info, (vir_bytes) good, page + 1, at), EFAULT);
    assert_string_equal(map, "kept");
    assert_int_equal(sef_copy_state_region(info, (vir_bytes) good, 1, at + page), EFAULT);
    assert_int_equal(sef_copy_state_region(info, 8, 8, (vir_bytes) good), EFAULT);
    assert_int_equal(sef_copy_state_region(info, UINTPTR_MAX - 4, 64, (vir_bytes) good), EFAULT);
    assert_int_equal(sef_copy_state_region(info, (vir_bytes) good, 64, UINTPTR_MAX - 4), EFAULT);
    return munmap(map, 3 * page);
}

static int many_pages(sef_init_info_t *info)
{
    const size_t page = (size_t) sysconf(_SC_PAGESIZE), size = 300 * page;
    char *map = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *to = mmap(NULL, size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    assert_true(map != MAP_FAILED && to != MAP_FAILED);
    for (size_t i = 0; i < size; i += page)
        map[i] = (char) (i / page + 1);
    assert_int_equal(
        sef_copy_state_region(info, (vir_bytes) map + 3, size - 3, (vir_bytes) to + 3), OK);
    for (size_t i = page; i < size; i += page)
        assert_int_equal(to[i], (char) (i / page + 1));
    assert_int_equal(munmap(map + 200 * page, page), 0);
    assert_int_equal(sef_copy_state_region(info, (vir_bytes) map, size, (vir_bytes) to), EFAULT);
    munmap(map, size + page);
    return munmap(to, size + page);
}

static int flags(sef_init_info_t *info)
{
    char memory[4 * SHADOW] = "";
    vir_bytes src, dst;

    strcpy(memory, "old");
    strcpy(memory + SHADOW, "new");
    info->copy_flags = SEF_COPY_OLD_TO_NEW | SEF_COPY_SRC_OFFSET;
    assert_int_equal(
        sef_copy_state_region(info, (vir_bytes) memory, 4, (vir_bytes) (memory + 2 * SHADOW)), OK);
    assert_string_equal(memory + 2 * SHADOW, "new");
    info->copy_flags = SEF_COPY_NEW_TO_NEW | SEF_COPY_DEST_OFFSET;
    assert_int_equal(
        sef_copy_state_region(info, (vir_bytes) memory, 4, (vir_bytes) (memory + 2 * SHADOW)), OK);
    assert_string_equal(memory + 3 * SHADOW, "old");
    src = dst = 1000;
    assert_int_equal(sef_copy_state_region_ctl(info, &src, &dst), 1);
    assert_int_equal(src, 1000);
    assert_int_equal(dst, 1000 + SHADOW);
    info->copy_flags = SEF_COPY_SRC_OFFSET;
    assert_int_equal(sef_copy_state_region_ctl(info, &src, &dst), 0);
    assert_int_equal(src, 1000 + SHADOW);
    return OK;
}

static int old_table(sef_init_info_t *info)
{
    int copy[4] = { 0 };

    assert_int_equal(sef_old_state_table_lookup(info, copy), OK);
    assert_memory_equal(copy, table, sizeof(table));
    memset(copy, 0, sizeof(copy));
    assert_int_equal(sef_old_state_table_lookup_opaque(info, copy), OK);
    assert_memory_equal(copy, table, sizeof(table));
    return sef_old_state_table_lookup(info, NULL);
}

static void test_copy_inside_init(void **state)
{
    (void) state;
    inside_init(copies);
    inside_init(faults);
    inside_init(many_pages);
    inside_init(flags);
    inside_init(old_table);
}

static void test_copy_outside_init(void **state)
{
    sef_init_info_t info = { .copy_flags = SEF_COPY_OLD_TO_NEW };
    char byte = 0, to = 1;

    (void) state;
    assert_int_equal(sef_copy_state_region(&info, (vir_bytes) &byte, 1, (vir_bytes) &to), EPERM);
    assert_int_equal(sef_old_state_table_lookup(&info, &to), EPERM);
    assert_int_equal(sef_old_state_table_lookup_opaque(NULL, &to), EINVAL);
    assert_int_equal(sef_copy_state_region_opaque(NULL, 0, 1, 0), EINVAL);
    assert_int_equal(to, 1);
}

static void test_hooks_present(void **state)
{
    char buff[1024], result = 0, expr[] = "x == 1";

    (void) state;
    assert_int_equal(sef_llvm_magic_enabled(), 1);
    assert_int_equal(sef_llvm_ltckpt_enabled(), 1);
    assert_int_equal(sef_llvm_get_ltckpt_offset(), SHADOW);
    assert_ptr_equal(sef_llvm_state_table_addr(), table);
    assert_int_equal(sef_llvm_state_table_size(), sizeof(table));
    assert_int_equal(sef_llvm_eval_bool(expr, &result), OK);
    assert_int_equal(result, 1);
    assert_string_equal(evaluated, expr);
    eval_result = -100;
    assert_int_equal(sef_llvm_eval_bool(expr, &result), -100);
    assert_int_equal(sef_cb_lu_prepare_eval(SEF_LU_STATE_EVAL), ENOENT);
    eval_result = 0;
    assert_int_equal(sef_cb_lu_prepare_eval(SEF_LU_STATE_EVAL), OK);
    sef_llvm_dump_eval(expr);
    assert_string_equal(dumped, expr);
    sef_llvm_stack_refs_save(buff);
    assert_int_equal(saved, 1);
    sef_llvm_stack_refs_restore(buff);
    assert_int_equal(saved, 0);
    assert_int_equal(sef_llvm_state_cleanup(), OK);
}

static void test_transfer_result(void **state)
{
    sef_init_info_t info = { 0 };

    (void) state;
    transfer_result = 0;
    assert_int_equal(sef_st_state_transfer(&info), OK);
    transfer_result = -114;
    assert_int_equal(sef_st_state_transfer(&info), ERANGE);
    transfer_result = -111;
    assert_int_equal(sef_llvm_state_transfer(&info), ENOSYS);
}

static void test_stack_refs_keep_the_environment(void **state)
{
    char buff[1024], *none[] = { NULL }, **before = environ;

    (void) state;
    sef_llvm_stack_refs_save(buff);
    environ = none;
    sef_llvm_stack_refs_restore(buff);
    assert_ptr_equal(environ, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy_inside_init),
        cmocka_unit_test(test_copy_outside_init),
        cmocka_unit_test(test_hooks_present),
        cmocka_unit_test(test_transfer_result),
        cmocka_unit_test(test_stack_refs_keep_the_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
