/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Initialisation: which callback runs, the predefined callbacks, and the reply.
 *
 * Source: minix/lib/libsys/sef_init.c; differs: a supervisor sends no reply to a reply, and in an
 * update the reply goes to the old instance, which decides.
 */
#include <stdlib.h>
#include <unistd.h>

#include "sef_internal.h"

struct init_callbacks {
    sef_cb_init_t fresh, lu, restart;
    sef_cb_init_response_t response;
};

static const struct init_callbacks defaults = {
    SEF_CB_INIT_FRESH_DEFAULT,
    SEF_CB_INIT_LU_DEFAULT,
    SEF_CB_INIT_RESTART_DEFAULT,
    SEF_CB_INIT_RESPONSE_DEFAULT,
};

static struct init_callbacks callbacks = {
    SEF_CB_INIT_FRESH_DEFAULT,
    SEF_CB_INIT_LU_DEFAULT,
    SEF_CB_INIT_RESTART_DEFAULT,
    SEF_CB_INIT_RESPONSE_DEFAULT,
};

static bool running;

/* The restart callback was registered as one that continues with state. */
static bool stateful;

void sef__init_reset(void)
{
    callbacks = defaults;
    stateful = false;
}

bool sef__init_restart_stateful(void)
{
    return stateful || callbacks.restart == sef_cb_init_restart_generic ||
           callbacks.restart == sef_cb_init_identity_state_transfer;
}

bool sef__init_restart_fresh(void)
{
    return callbacks.restart != defaults.restart && !sef__init_restart_stateful();
}

bool sef__init_running(void)
{
    return running;
}

/* The callback of the service or, if `flags` say so, the default one. */
static int run_callback(int type, sef_init_info_t *info)
{
    const struct init_callbacks *from = info->flags & SEF_INIT_DEFCB ? &defaults : &callbacks;

    switch (type) {
    case SEF_INIT_FRESH:
        return from->fresh(type, info);
    case SEF_INIT_LU:
        return from->lu(type, info);
    case SEF_INIT_RESTART:
        return from->restart(type, info);
    default:
        return EINVAL;
    }
}

/* Debug flags go first: they must work whatever the service registered. */
static int run_init(int type, sef_init_info_t *info)
{
    if (info->flags & SEF_INIT_CRASH)
        return sef_cb_init_crash(type, info);
    if (info->flags & SEF_INIT_FAIL)
        return sef_cb_init_fail(type, info);
    if (info->flags & SEF_INIT_TIMEOUT)
        return sef_cb_init_timeout(type, info);
    return run_callback(type, info);
}

int sef__process_init(int type, sef_init_info_t *info)
{
    message m;
    int result, r;

    running = true;
    result = run_init(type, info);
    running = false;
    if (!sef__update_pending())
        sef__control_restore();
    sef__message_set(&m, RS_INIT, result, info->prepare_state);
    r = callbacks.response(&m);
    return result != OK ? result : r;
}

void sef_setcb_init_fresh(sef_cb_init_t cb)
{
    callbacks.fresh = cb ? cb : defaults.fresh;
}

void sef_setcb_init_lu(sef_cb_init_t cb)
{
    callbacks.lu = cb ? cb : defaults.lu;
}

void sef_setcb_init_restart(sef_cb_init_t cb)
{
    callbacks.restart = cb ? cb : defaults.restart;
    stateful = false;
    if (sef__self.started)
        sef__crash_arm();
}

void sef_setcb_init_restart_stateful(sef_cb_init_t cb)
{
    callbacks.restart = cb ? cb : defaults.restart;
    stateful = cb != NULL;
    if (sef__self.started)
        sef__crash_arm();
}

void sef_setcb_init_response(sef_cb_init_response_t cb)
{
    callbacks.response = cb ? cb : defaults.response;
}

int sef_cb_init_null(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    return OK;
}

int sef_cb_init_fail(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    return ENOSYS;
}

int sef_cb_init_reset(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    return ERESTART_SEF;
}

int sef_cb_init_crash(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    abort();
}

int sef_cb_init_timeout(int type, sef_init_info_t *info)
{
    (void) type;
    (void) info;
    pause();
    return EBADCALL;
}

int sef_cb_init_identity_state_transfer(int type, sef_init_info_t *info)
{
    /* For crash recovery and self update only. A replica holds the state of the crashed process
     * already; in an update it is left to bring it into the variables of the image that was loaded. */
    if (type == SEF_INIT_RESTART)
        return sef__crash_replica() ? OK : ERESTART_SEF;
    if (type != SEF_INIT_LU || !(info->flags & SEF_LU_SELF))
        return ENOSYS;
    return sef_st_state_transfer(info);
}

int sef_cb_init_restart_generic(int type, sef_init_info_t *info)
{
    if (type == SEF_INIT_RESTART && sef__crash_replica() && sef_llvm_ltckpt_enabled())
        return sef_llvm_ltckpt_restart(type, info);
    return sef_cb_init_identity_state_transfer(type, info);
}

int sef_cb_init_lu_identity_as_restart(int type, sef_init_info_t *info)
{
    if (type != SEF_INIT_LU || !SEF_LU_IS_IDENTITY_UPDATE(info->flags))
        return ENOSYS;
    /* A service that loses its state in a crash keeps it in an update all the same. */
    if ((info->flags & (SEF_INIT_DEFCB | SEF_INIT_SCRIPT_RESTART)) ||
        callbacks.restart == sef_cb_init_reset)
        return sef_cb_init_restart_generic(type, info);
    return callbacks.restart(type, info);
}

int sef_cb_init_lu_generic(int type, sef_init_info_t *info)
{
    if (type != SEF_INIT_LU)
        return ENOSYS;
    if (SEF_LU_IS_IDENTITY_UPDATE(info->flags))
        return sef_cb_init_lu_identity_as_restart(type, info);
    return sef_st_state_transfer(info);
}

int sef_cb_init_response_null(message *m_ptr)
{
    (void) m_ptr;
    return OK;
}

int sef_cb_init_response_rs_reply(message *m_ptr)
{
    const int result = sef__message_get(m_ptr).result;
    struct sef_packet packet;
    int r;

    if (sef__update_pending())
        return sef__update_report(result);
    if (sef__self.control_fd < 0)
        return OK;
    sef__wire_init(&packet, RS_INIT, result);
    packet.flags = sef__request_abilities();
    sef__wire_text(&packet, "%s", result == OK ? "" : sef__strerror(result));
    r = sef__control_send(&packet);
    /* The next supervisor will see that the service is there. */
    return r == ENOTCONN && sef__resume_waits() ? OK : r;
}

int sef_cb_init_response_rs_asyn_once(message *m_ptr)
{
    /* No reply of ours waits for anybody; what is left is the once. */
    callbacks.response = defaults.response;
    return sef_cb_init_response_rs_reply(m_ptr);
}
