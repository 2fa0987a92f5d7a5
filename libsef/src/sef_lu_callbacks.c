/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The predefined callbacks of live update.
 *
 * Source: minix/lib/libsys/sef_liveupdate.c.
 */
#include <stdlib.h>

#include "hooks.h"
#include "sef_internal.h"

int sef_cb_lu_prepare_null(int state)
{
    (void) state;
    return ENOTREADY;
}

int sef_cb_lu_prepare_always_ready(int state)
{
    (void) state;
    return OK;
}

int sef_cb_lu_prepare_never_ready(int state)
{
    (void) state;
    return ENOTREADY;
}

int sef_cb_lu_prepare_crash(int state)
{
    (void) state;
    abort();
}

int sef_cb_lu_prepare_eval(int state)
{
    char result = 0;
    int r;

    (void) state;
    r = sef_llvm_eval_bool(sef__lu.eval, &result);
    if (r != OK)
        return sef__errno_of(r);
    return result ? OK : ENOTREADY;
}

int sef_cb_lu_state_isvalid_null(int state, int flags)
{
    (void) state;
    (void) flags;
    return 0;
}

int sef_cb_lu_state_isvalid_standard(int state, int flags)
{
    (void) flags;
    return SEF_LU_STATE_IS_STANDARD(state);
}

int sef_cb_lu_state_isvalid_workfree(int state, int flags)
{
    (void) flags;
    return state == SEF_LU_STATE_WORK_FREE;
}

int sef_cb_lu_state_isvalid_workfree_self(int state, int flags)
{
    return state == SEF_LU_STATE_WORK_FREE && (flags & SEF_LU_SELF) != 0;
}

int sef_cb_lu_state_isvalid_generic(int state, int flags)
{
    return state == SEF_LU_STATE_EVAL || sef_cb_lu_state_isvalid_workfree(state, flags);
}

void sef_cb_lu_state_changed_null(int old_state, int state)
{
    (void) old_state;
    (void) state;
}

void sef_cb_lu_state_dump_null(int state)
{
    (void) state;
}

void sef_cb_lu_state_dump_eval(int state)
{
    if (state == SEF_LU_STATE_EVAL)
        sef_llvm_dump_eval(sef__lu.eval);
}

int sef_cb_lu_state_save_null(int state, int flags)
{
    (void) state;
    (void) flags;
    return OK;
}

int sef_cb_lu_response_null(message *m_ptr)
{
    (void) m_ptr;
    return OK;
}

int sef_cb_lu_response_rs_reply(message *m_ptr)
{
    const int result = sef__message_get(m_ptr).result;

    if (result == OK)
        return sef__update_serve();
    return sef__control_prepared(sef__lu.answering, result, sef__lu.reason);
}
