/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preparing a live update: the request, the test at each quiescent point, and the reply.
 *
 * Source: minix/lib/libsys/sef_liveupdate.c; differs: a request that meets a busy service is
 * refused without cancelling the one it is busy with; state_dump runs once a request, before the
 * state is first tested, because there is no debug build in which it would run each time; an
 * expression without runtime is refused at once.
 */
#include <stdarg.h>
#include <stdio.h>

#include "hooks.h"
#include "sef_internal.h"

struct lu_callbacks {
    sef_cb_lu_prepare_t prepare;
    sef_cb_lu_state_isvalid_t state_isvalid;
    sef_cb_lu_state_changed_t state_changed;
    sef_cb_lu_state_dump_t state_dump;
    sef_cb_lu_state_save_t state_save;
    sef_cb_lu_response_t response;
};

static const struct lu_callbacks defaults = {
    SEF_CB_LU_PREPARE_DEFAULT,
    SEF_CB_LU_STATE_ISVALID_DEFAULT,
    SEF_CB_LU_STATE_CHANGED_DEFAULT,
    SEF_CB_LU_STATE_DUMP_DEFAULT,
    SEF_CB_LU_STATE_SAVE_DEFAULT,
    SEF_CB_LU_RESPONSE_DEFAULT,
};

static struct lu_callbacks callbacks = {
    SEF_CB_LU_PREPARE_DEFAULT,
    SEF_CB_LU_STATE_ISVALID_DEFAULT,
    SEF_CB_LU_STATE_CHANGED_DEFAULT,
    SEF_CB_LU_STATE_DUMP_DEFAULT,
    SEF_CB_LU_STATE_SAVE_DEFAULT,
    SEF_CB_LU_RESPONSE_DEFAULT,
};

struct sef__lu sef__lu;

/* Keep why a request is refused for the reply. Returns `error`. */
__attribute__((format(printf, 2, 3))) static int refuse(int error, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(sef__lu.reason, sizeof(sef__lu.reason), format, args);
    va_end(args);
    return error;
}

static void state_change(int state, int flags)
{
    const int old_state = sef__lu.state;

    sef__lu.state = state;
    sef__lu.flags = flags;
    sef__lu.dumped = false;
    if (old_state != state)
        callbacks.state_changed(old_state, state);
}

void sef__lu_cancel(void)
{
    state_change(SEF_LU_STATE_NULL, 0);
}

void sef__lu_reset(void)
{
    callbacks = defaults;
    memset(&sef__lu, 0, sizeof(sef__lu));
}

/* A fork takes only the calling thread along, and a new main needs the main thread's stack. */
static int check_threads(void)
{
    unsigned threads;
    int r = sef__os_thread_count(&threads);

    if (r != OK)
        return refuse(ENOTSUP, "cannot count the threads of the service: %s", sef__strerror(r));
    if (!sef__os_on_main_thread())
        return refuse(ENOTSUP,
            "another thread than the main thread waits for work: let the main thread wait");
    if (threads != 1)
        return refuse(ENOTSUP,
            "the service has %u threads: it must have ended all but one when it waits for work",
            threads);
    return OK;
}

/* Have the service clean up and save what its new version needs. */
static int save_state(void)
{
    int r = check_threads();

    if (r != OK)
        return r;
    r = sef_llvm_state_cleanup();
    if (r == OK)
        r = callbacks.state_save(sef__lu.state, sef__lu.flags);
    if (r != OK)
        refuse(r, "the service could not save its state: %s", sef__strerror(r));
    return r;
}

/* Reply through the callback; if all is well this blocks, and returns when the update failed. */
static void respond(uint32_t serial, int result)
{
    message m;

    sef__lu.answering = serial;
    sef__message_set(&m, RS_LU_PREPARE, result, sef__lu.state);
    callbacks.response(&m);
}

static void ready(int result)
{
    if (result == OK)
        result = save_state();
    else
        refuse(result, "state %d cannot be reached: %s", sef__lu.state, sef__strerror(result));
    respond(sef__lu.serial, result);
    state_change(SEF_LU_STATE_NULL, 0);
}

static int test_state(int state)
{
    switch (state) {
    case SEF_LU_STATE_WORK_FREE:
        return OK;
    case SEF_LU_STATE_UNREACHABLE:
        return sef_cb_lu_prepare_never_ready(state);
    case SEF_LU_STATE_PREPARE_CRASH:
        return sef_cb_lu_prepare_crash(state);
    case SEF_LU_STATE_EVAL:
        return sef_cb_lu_prepare_eval(state);
    default:
        return callbacks.prepare(state);
    }
}

void sef__quiescent(void)
{
    int r;

    if (sef__lu.state == SEF_LU_STATE_NULL)
        return;
    if (!sef__lu.dumped) {
        sef__lu.dumped = true;
        callbacks.state_dump(sef__lu.state);
    }
    r = test_state(sef__lu.state);
    if (r != ENOTREADY)
        ready(r);
}

static int check_state(int state, int flags)
{
    if (SEF_LU_STATE_IS_DEBUG(state) || callbacks.state_isvalid(state, flags))
        return OK;
    if (callbacks.state_isvalid == defaults.state_isvalid)
        return refuse(ENOSYS,
            "the service does not know state %d: it has no callback for it "
            "(sef_setcb_lu_state_isvalid)",
            state);
    return refuse(EINVAL, "state %d is not valid for the service", state);
}

/* What the evaluator has to say about an expression it cannot evaluate. */
static int refuse_expression(void)
{
    struct magic_error err = { 0 };
    char value[1];

    (void) magic_eval(sef__lu.eval, value, sizeof(value), &err);
    return refuse(EINVAL, "expression '%s': %s", sef__lu.eval, err.text);
}

/* Take the expression over and try it once. */
static int take_expression(const struct sef_packet *packet)
{
    int r;

    if (packet->text_len == 0)
        return refuse(EINVAL, "no expression to wait for");
    if (packet->text_len >= SEF_LU_STATE_EVAL_MAX_LEN)
        return refuse(E2BIG, "the expression has %u characters, %d are allowed",
            (unsigned) packet->text_len, SEF_LU_STATE_EVAL_MAX_LEN - 1);
    if (!magic_eval_bool)
        return refuse(ENOSYS, "the service was not built with sef-cc, which expressions need");
    memcpy(sef__lu.eval, packet->text, packet->text_len + 1u);
    r = sef_cb_lu_prepare_eval(SEF_LU_STATE_EVAL);
    return r == OK || r == ENOTREADY ? OK : refuse_expression();
}

static int check_request(const struct sef_packet *packet)
{
    int r;

    if (sef__lu.state != SEF_LU_STATE_NULL)
        return refuse(EBUSY, "another update is being prepared");
    r = check_state(packet->state, packet->flags);
    if (r == OK && packet->state == SEF_LU_STATE_EVAL)
        r = take_expression(packet);
    if (r == OK && !magic_image_load && !(packet->flags & SEF_LU_PREPARE_ONLY))
        r = refuse(ENOSYS, "the service was not built with sef-cc");
    return r;
}

void sef__lu_request(const struct sef_packet *packet)
{
    int r;

    if (!sef__self.started) {
        if (packet->state != SEF_LU_STATE_NULL)
            sef__control_prepared(packet->serial, EBUSY, "the service is not initialised yet");
        return;
    }

    if (packet->state == SEF_LU_STATE_NULL) {
        if (packet->serial == sef__lu.serial)
            sef__lu_cancel();
        return;
    }
    r = check_request(packet);
    if (r != OK) {
        respond(packet->serial, r);
        return;
    }
    sef__lu.serial = packet->serial;
    sef__lu.limit_ms = packet->limit_ms;
    state_change(packet->state, packet->flags);
}

void sef_setcb_lu_prepare(sef_cb_lu_prepare_t cb)
{
    callbacks.prepare = cb ? cb : defaults.prepare;
}

void sef_setcb_lu_state_isvalid(sef_cb_lu_state_isvalid_t cb)
{
    callbacks.state_isvalid = cb ? cb : defaults.state_isvalid;
}

void sef_setcb_lu_state_changed(sef_cb_lu_state_changed_t cb)
{
    callbacks.state_changed = cb ? cb : defaults.state_changed;
}

void sef_setcb_lu_state_dump(sef_cb_lu_state_dump_t cb)
{
    callbacks.state_dump = cb ? cb : defaults.state_dump;
}

void sef_setcb_lu_state_save(sef_cb_lu_state_save_t cb)
{
    callbacks.state_save = cb ? cb : defaults.state_save;
}

void sef_setcb_lu_response(sef_cb_lu_response_t cb)
{
    callbacks.response = cb ? cb : defaults.response;
}
