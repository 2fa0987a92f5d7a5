/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The runtime's functions as weak references: each is NULL when the runtime is not in the process.
 *
 * A service linked without the runtime must link and run, so every use tests the address first.
 */
#ifndef SEF_HOOKS_H
#define SEF_HOOKS_H

#include <sys/types.h>

#include <magic/magic.h>
#include <st/st.h>

/** Distance of the checkpoint shadow from the original, in bytes. Defined by the ltckpt runtime. */
int ltckpt_get_offset(void);
/** Roll memory back to the last checkpoint. Defined by the ltckpt runtime. */
int ltckpt_restart(void *info);

/** Carry out a request to fault injection. Defined by EDFI. */
int edfi_ctl_process_request(void *request);

/* Historic hooks of the runtime that ours does not have. */
int st_add_special_mmapped_region(void *addr, size_t len, const char *name);
int st_del_special_mmapped_region_by_addr(void *addr);
void _magic_ds_st_init(void);
void *_magic_real_mmap(void *buf, size_t len, int prot, int flags, int fd, off_t offset);
int _magic_real_munmap(void *buf, size_t len);

/* In the service itself, if it was built for coverage without hiding them. */
int __llvm_profile_write_file(void);
void __gcov_dump(void);

#pragma weak magic_init
#pragma weak magic_setcb_log
#pragma weak magic_eval
#pragma weak magic_eval_bool
#pragma weak magic_image_load
#pragma weak magic_image_enter
#pragma weak magic_image_commit
#pragma weak _magic_real_brk
#pragma weak _magic_dump_eval_bool
#pragma weak _magic_vars_addr
#pragma weak _magic_vars_size
#pragma weak _magic_state_transfer
#pragma weak st_stack_refs_save_restore
#pragma weak st_last_stats
#pragma weak st_last_error
#pragma weak st_last_policies
#pragma weak st_last_warning
#pragma weak st_set_flags
#pragma weak st_set_rules
#pragma weak st_reclaim
#pragma weak magic_image_can_restart
#pragma weak magic_image_restart
#pragma weak magic_image_profile
#pragma weak magic_image_profile_last
#pragma weak ltckpt_get_offset
#pragma weak ltckpt_restart
#pragma weak edfi_ctl_process_request
#pragma weak st_add_special_mmapped_region
#pragma weak st_del_special_mmapped_region_by_addr
#pragma weak _magic_ds_st_init
#pragma weak _magic_real_mmap
#pragma weak _magic_real_munmap
#pragma weak __llvm_profile_write_file
#pragma weak __gcov_dump

#endif
