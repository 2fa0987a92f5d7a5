/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The runtime's functions as weak references: each is NULL when the runtime is not in the process.
 *
 * A service linked without the runtime must link and run, so every use tests the address first.
 */
#ifndef SEF_HOOKS_H
#define SEF_HOOKS_H

#include <magic/magic.h>
#include <st/st.h>

/** Distance of the checkpoint shadow from the original, in bytes. Defined by the ltckpt runtime. */
int ltckpt_get_offset(void);

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
#pragma weak ltckpt_get_offset

#endif
