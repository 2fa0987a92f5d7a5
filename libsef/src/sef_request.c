/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests of the supervisor to a running service that are not about updates.
 *
 * Source: minix/lib/libsys/sef_ping.c, sef_signal.c, sef_gcov.c, sef_fi.c.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "hooks.h"
#include "sef_internal.h"

struct request_callbacks {
    sef_cb_ping_reply_t ping_reply;
    sef_cb_signal_handler_t signal_handler;
    sef_cb_signal_manager_t signal_manager;
    sef_cb_gcov_t gcov;
};

static const struct request_callbacks defaults = {
    SEF_CB_PING_REPLY_DEFAULT,
    SEF_CB_SIGNAL_HANDLER_DEFAULT,
    SEF_CB_SIGNAL_MANAGER_DEFAULT,
    SEF_CB_GCOV_DEFAULT,
};

static struct request_callbacks callbacks = {
    SEF_CB_PING_REPLY_DEFAULT,
    SEF_CB_SIGNAL_HANDLER_DEFAULT,
    SEF_CB_SIGNAL_MANAGER_DEFAULT,
    SEF_CB_GCOV_DEFAULT,
};

int sef_controlled_crash;

/* Of the ping that is being answered. */
static uint32_t ping_serial;

void sef__request_reset(void)
{
    callbacks = defaults;
}

int sef__request_abilities(void)
{
    return (callbacks.signal_handler != defaults.signal_handler ? SEF_WIRE_TAKES_SIGNALS : 0) |
           (sef__init_restart_fresh() ? SEF_WIRE_RESTARTS : 0) |
           (sef__init_restart_stateful() ? SEF_WIRE_CONTINUES : 0);
}

static void reply(const struct sef_packet *request, int result)
{
    struct sef_packet packet;

    sef__wire_init(&packet, request->type, result);
    packet.serial = request->serial;
    sef__wire_text(&packet, "%s", result == OK ? "" : sef__strerror(result));
    sef__control_send(&packet);
}

static void on_signal(const struct sef_packet *request)
{
    const int signo = request->state;

    if (signo <= 0 || signo > SIGRTMAX)
        return;
    if (request->endpoint == sef__self.endpoint)
        callbacks.signal_handler(signo);
    else
        callbacks.signal_manager(request->endpoint, signo);
}

static void on_gcov(const struct sef_packet *request)
{
    message m;

    sef__message_set(&m, RS_GCOV, OK, 0);
    reply(request, callbacks.gcov(&m));
}

/* Another fault than a crash. */
static int inject(const struct sef_packet *request)
{
    struct sef_fi_request fault = { request->state, request->text };

    if (request->state <= SEF_FI_CRASH)
        return EINVAL;
    if (!SEF_FI_ALLOW_EDFI || !edfi_ctl_process_request)
        return ENOSYS;
    return sef__errno_of(edfi_ctl_process_request(&fault));
}

static void on_fault(const struct sef_packet *request)
{
    if (request->state == SEF_FI_CRASH) {
        sef_controlled_crash = 1;
        abort();
    }
    reply(request, inject(request));
}

bool sef__request(const struct sef_packet *packet)
{
    switch (packet->type) {
    case RS_PING:
        ping_serial = packet->serial;
        callbacks.ping_reply(RS_PROC_NR);
        return true;
    case RS_SIGNAL:
        on_signal(packet);
        return true;
    case RS_GCOV:
        on_gcov(packet);
        return true;
    case RS_FI:
        on_fault(packet);
        return true;
    default:
        return false;
    }
}

void sef__request_refuse(const struct sef_packet *packet)
{
    if (packet->type == RS_GCOV || packet->type == RS_FI)
        reply(packet, EBUSY);
}

void sef_setcb_ping_reply(sef_cb_ping_reply_t cb)
{
    callbacks.ping_reply = cb ? cb : defaults.ping_reply;
}

void sef_setcb_signal_handler(sef_cb_signal_handler_t cb)
{
    callbacks.signal_handler = cb ? cb : defaults.signal_handler;
}

void sef_setcb_signal_manager(sef_cb_signal_manager_t cb)
{
    callbacks.signal_manager = cb ? cb : defaults.signal_manager;
}

void sef_setcb_gcov(sef_cb_gcov_t cb)
{
    callbacks.gcov = cb ? cb : defaults.gcov;
}

void sef_cb_ping_reply_null(endpoint_t source)
{
    (void) source;
}

void sef_cb_ping_reply_pong(endpoint_t source)
{
    struct sef_packet packet;

    if (source != RS_PROC_NR)
        return;
    sef__wire_init(&packet, RS_PING, OK);
    packet.serial = ping_serial;
    sef__control_send(&packet);
}

void sef_cb_signal_handler_null(int signo)
{
    (void) signo;
}

void sef_cb_signal_handler_term(int signo)
{
    if (signo == SIGTERM)
        exit(EXIT_SUCCESS);
}

void sef_cb_signal_handler_posix_default(int signo)
{
    sef__os_default_signal(signo);
}

int sef_cb_signal_manager_null(endpoint_t target, int signo)
{
    (void) target;
    (void) signo;
    return OK;
}

int sef_cb_gcov_null(message *m_ptr)
{
    (void) m_ptr;
    return ENOSYS;
}

int sef_cb_gcov_flush(message *m_ptr)
{
    int r = magic_image_profile ? magic_image_profile() : MAGIC_ENOENT;

    (void) m_ptr;
    if (r != MAGIC_ENOENT)
        return sef__errno_of(r);
    if (__llvm_profile_write_file)
        return __llvm_profile_write_file() == 0 ? OK : EIO;
    if (!__gcov_dump)
        return ENOSYS;
    __gcov_dump();
    return OK;
}
