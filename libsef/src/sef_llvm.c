/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The runtime's hooks, each harmless when the runtime is not in the process.
 *
 * Source: minix/lib/libsys/sef_llvm.c; differs: an expression without runtime is ENOSYS, not
 * "never ready"; only environ is kept of the process's start, the runtime knows the rest.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "hooks.h"
#include "sef_internal.h"

int sef_llvm_magic_enabled(void)
{
    return magic_init != NULL;
}

int sef_llvm_real_brk(char *newbrk)
{
    return _magic_real_brk ? _magic_real_brk(newbrk) : brk(newbrk);
}

int sef_llvm_state_cleanup(void)
{
    return OK;
}

void sef_llvm_dump_eval(char *expr)
{
    if (_magic_dump_eval_bool)
        _magic_dump_eval_bool(expr);
}

int sef_llvm_eval_bool(char *expr, char *result)
{
    return magic_eval_bool ? magic_eval_bool(expr, result) : ENOSYS;
}

void *sef_llvm_state_table_addr(void)
{
    return _magic_vars_addr ? _magic_vars_addr() : NULL;
}

size_t sef_llvm_state_table_size(void)
{
    return _magic_vars_size ? _magic_vars_size() : 0;
}

void sef_llvm_stack_refs_save(char *stack_buff)
{
    memcpy(stack_buff, &environ, sizeof(environ));
    if (st_stack_refs_save_restore)
        st_stack_refs_save_restore(stack_buff + sizeof(environ), 1);
}

void sef_llvm_stack_refs_restore(char *stack_buff)
{
    memcpy(&environ, stack_buff, sizeof(environ));
    if (st_stack_refs_save_restore)
        st_stack_refs_save_restore(stack_buff + sizeof(environ), 0);
}

int sef_llvm_state_transfer(sef_init_info_t *info)
{
    const uint64_t begin = sef__os_now();
    int r;

    if (!_magic_state_transfer)
        return ENOSYS;
    r = sef__errno_of(_magic_state_transfer(info));
    sef__update_transferred(sef__os_now() - begin);
    return r;
}

int sef_llvm_ltckpt_enabled(void)
{
    return ltckpt_get_offset != NULL;
}

int sef_llvm_get_ltckpt_offset(void)
{
    return ltckpt_get_offset ? ltckpt_get_offset() : 0;
}

int sef_llvm_add_special_mem_region(void *addr, size_t len, const char *name)
{
    if (!st_add_special_mmapped_region)
        return ENOSYS;
    return sef__errno_of(st_add_special_mmapped_region(addr, len, name));
}

int sef_llvm_del_special_mem_region_by_addr(void *addr)
{
    if (!st_del_special_mmapped_region_by_addr)
        return ENOSYS;
    return sef__errno_of(st_del_special_mmapped_region_by_addr(addr));
}

void sef_llvm_ds_st_init(void)
{
    if (_magic_ds_st_init)
        _magic_ds_st_init();
}

void *sef_llvm_ac_mmap(void *buf, size_t len, int prot, int flags, int fd, off_t offset)
{
    return _magic_real_mmap ? _magic_real_mmap(buf, len, prot, flags, fd, offset)
                            : mmap(buf, len, prot, flags, fd, offset);
}

int sef_llvm_ac_munmap(void *buf, size_t len)
{
    return _magic_real_munmap ? _magic_real_munmap(buf, len) : munmap(buf, len);
}

int sef_llvm_ltckpt_restart(int type, sef_init_info_t *info)
{
    (void) type;
    return ltckpt_restart ? sef__errno_of(ltckpt_restart(info)) : ENOSYS;
}
