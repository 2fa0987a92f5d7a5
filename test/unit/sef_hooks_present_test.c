/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The hooks of regions, contiguous memory and checkpoints: this program defines them, and libsef must
 * call them and make errno values of what they return.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

#include <cmocka.h>

#include <magic/error.h>
#include <sef/sef.h>

int st_add_special_mmapped_region(void *addr, size_t len, const char *name);
int st_del_special_mmapped_region_by_addr(void *addr);
void _magic_ds_st_init(void);
void *_magic_real_mmap(void *buf, size_t len, int prot, int flags, int fd, off_t offset);
int _magic_real_munmap(void *buf, size_t len);
int ltckpt_restart(void *info);
int __llvm_profile_write_file(void);

static char region[64];
static int code, calls;

int st_add_special_mmapped_region(void *addr, size_t len, const char *name)
{
    assert_ptr_equal(addr, region);
    assert_int_equal(len, sizeof(region));
    assert_string_equal(name, "dma");
    return code;
}

int st_del_special_mmapped_region_by_addr(void *addr)
{
    assert_ptr_equal(addr, region);
    return code;
}

void _magic_ds_st_init(void)
{
    calls++;
}

void *_magic_real_mmap(void *buf, size_t len, int prot, int flags, int fd, off_t offset)
{
    calls += (int) len + prot + flags + fd + (int) offset;
    return buf;
}

int _magic_real_munmap(void *buf, size_t len)
{
    assert_ptr_equal(buf, region);
    return (int) len;
}

int ltckpt_restart(void *info)
{
    assert_non_null(info);
    return code;
}

int __llvm_profile_write_file(void)
{
    return code;
}

static void test_hooks_present(void **state)
{
    sef_init_info_t info = { 0 };

    (void) state;
    assert_int_equal(sef_llvm_add_special_mem_region(region, sizeof(region), "dma"), OK);
    assert_int_equal(sef_llvm_del_special_mem_region_by_addr(region), OK);
    assert_int_equal(sef_llvm_ltckpt_restart(SEF_INIT_RESTART, &info), OK);
    assert_int_equal(sef_cb_gcov_flush(NULL), OK);
    code = MAGIC_ENOENT;
    assert_int_equal(sef_llvm_add_special_mem_region(region, sizeof(region), "dma"), ENOENT);
    assert_int_equal(sef_llvm_del_special_mem_region_by_addr(region), ENOENT);
    assert_int_equal(sef_llvm_ltckpt_restart(SEF_INIT_RESTART, &info), ENOENT);
    assert_int_equal(sef_cb_gcov_flush(NULL), EIO);
    sef_llvm_ds_st_init();
    assert_int_equal(calls, 1);
    assert_ptr_equal(sef_llvm_ac_mmap(region, 1000, 200, 30, 4, 5000), region);
    assert_int_equal(calls, 1 + 1000 + 200 + 30 + 4 + 5000);
    assert_int_equal(sef_llvm_ac_munmap(region, 7), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hooks_present),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
