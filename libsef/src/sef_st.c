/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Helpers of state transfer that copy old state.
 *
 * Source: minix/lib/libsys/sef_st.c; differs: old state lies in this process's own memory at its
 * old addresses, so a copy is a checked memmove(); and it is there only during an initialisation.
 */
#include "sef_internal.h"

int sef_copy_state_region_ctl(sef_init_info_t *info, vir_bytes *src_address, vir_bytes *dst_address)
{
    if (info->copy_flags & SEF_COPY_DEST_OFFSET)
        *dst_address += (vir_bytes) sef_llvm_get_ltckpt_offset();
    if (info->copy_flags & SEF_COPY_SRC_OFFSET)
        *src_address += (vir_bytes) sef_llvm_get_ltckpt_offset();
    return (info->copy_flags & SEF_COPY_NEW_TO_NEW) != 0;
}

int sef_copy_state_region(
    sef_init_info_t *info, vir_bytes address, size_t size, vir_bytes dst_address)
{
    int r;

    if (!sef__init_running())
        return EPERM;
    sef_copy_state_region_ctl(info, &address, &dst_address);
    r = sef__os_probe(address, size, false);
    if (r == OK)
        r = sef__os_probe(dst_address, size, true);
    if (r == OK && size != 0)
        memmove((void *) dst_address, (const void *) address, size);
    return r;
}

int sef_old_state_table_lookup(sef_init_info_t *info, void *addr)
{
    /* The root belongs to the resident runtime: old and new instance have it at one address. */
    const void *table = sef_llvm_state_table_addr();

    if (!table)
        return ENOSYS;
    return sef_copy_state_region(
        info, (vir_bytes) table, sef_llvm_state_table_size(), (vir_bytes) addr);
}

int sef_old_state_table_lookup_opaque(void *info_opaque, void *addr)
{
    return info_opaque ? sef_old_state_table_lookup(info_opaque, addr) : EINVAL;
}

int sef_copy_state_region_opaque(
    void *info_opaque, uintptr_t address, size_t size, uintptr_t dst_address)
{
    return info_opaque ? sef_copy_state_region(info_opaque, address, size, dst_address) : EINVAL;
}

int sef_st_state_transfer(sef_init_info_t *info)
{
    return sef_llvm_state_transfer(info);
}
