/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the supervisor asks of a running service besides updates: to answer a ping, to handle a
 * signal, to write its coverage profile, to take a fault; and how a service continues after a crash.
 *
 * Requests are handled at quiescent points, in the order in which they came; after all that are
 * there a state that is being prepared for is tested. Part of sef.h, which says what holds for all.
 */
#ifndef SEF_REQUESTS_H
#define SEF_REQUESTS_H

#include <sef/sef.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* ---- Restart after a crash --------------------------------------------------------------- */

/** As sef_setcb_init_restart(), for a callback that continues with the state of the crashed
 * process: a fork of it runs main again, with variables, heap and descriptors as they were, and
 * calls `cb`. sef_cb_init_restart_generic and sef_cb_init_identity_state_transfer are such callbacks
 * by themselves; any other one runs in a process that has just been started.
 * Source: none; on MINIX the callback copies the state itself. */
void sef_setcb_init_restart_stateful(sef_cb_init_t cb);
/** Continue with the state of the crashed process, rolled back to its last checkpoint if the
 * service takes some. Returns OK, or ERESTART_SEF when there is no state to continue with. Also
 * updates a service to its own image. */
int sef_cb_init_restart_generic(int type, sef_init_info_t *info);
/** Report the result, and have later ones reported by sef_cb_init_response_rs_reply(). */
int sef_cb_init_response_rs_asyn_once(message *m_ptr);

#define SEF_CB_INIT_RESTART_STATEFUL sef_cb_init_restart_generic

/* ---- Ping -------------------------------------------------------------------------------- */

/** Answer `source`, or do not. */
typedef void (*sef_cb_ping_reply_t)(endpoint_t source);
void sef_setcb_ping_reply(sef_cb_ping_reply_t cb); /**< NULL: the default */
void sef_cb_ping_reply_null(endpoint_t source);    /**< does not answer */
void sef_cb_ping_reply_pong(endpoint_t source);    /**< answers */

#define SEF_CB_PING_REPLY_NULL    sef_cb_ping_reply_null
#define SEF_CB_PING_REPLY_DEFAULT sef_cb_ping_reply_pong

/* ---- Signals ----------------------------------------------------------------------------- */

/** A signal for this service. A service that has a handler when it is initialised gets the
 * supervisor's signals (SIGTERM of `sefctl down`) so, and not from the system. */
typedef void (*sef_cb_signal_handler_t)(int signo);
/** A signal for `target`, whose signals this service manages. Returns OK or an errno value. */
typedef int (*sef_cb_signal_manager_t)(endpoint_t target, int signo);
void sef_setcb_signal_handler(sef_cb_signal_handler_t cb); /**< NULL: the default */
void sef_setcb_signal_manager(sef_cb_signal_manager_t cb); /**< NULL: the default */
void sef_cb_signal_handler_null(int signo);
void sef_cb_signal_handler_term(int signo);          /**< SIGTERM ends the service */
void sef_cb_signal_handler_posix_default(int signo); /**< what the system does by default */
int sef_cb_signal_manager_null(endpoint_t target, int signo); /**< OK */

#define SEF_CB_SIGNAL_HANDLER_NULL    sef_cb_signal_handler_null
#define SEF_CB_SIGNAL_MANAGER_NULL    sef_cb_signal_manager_null
#define SEF_CB_SIGNAL_HANDLER_DEFAULT sef_cb_signal_handler_null
#define SEF_CB_SIGNAL_MANAGER_DEFAULT sef_cb_signal_manager_null

/* ---- Coverage ---------------------------------------------------------------------------- */

/** Write what was counted so far. Returns OK, ENOSYS if nothing counts, or an errno value. */
typedef int (*sef_cb_gcov_t)(message *m_ptr);
void sef_setcb_gcov(sef_cb_gcov_t cb); /**< NULL: the default */
int sef_cb_gcov_null(message *m_ptr);  /**< ENOSYS */
/** Writes the profile of a service that was built with clang's or gcc's coverage. */
int sef_cb_gcov_flush(message *m_ptr);

#define SEF_CB_GCOV_DEFAULT sef_cb_gcov_flush

/* ---- Fault injection ---------------------------------------------------------------------- */

#define SEF_FI_ALLOW_EDFI 1
#define SEF_FI_CRASH      1 /**< a controlled crash: abort() */

/** Not 0 from a controlled crash until the restart after it succeeded. */
extern int sef_controlled_crash;

/** Another fault, for edfi_ctl_process_request(), which fault injection defines if it is there. */
struct sef_fi_request {
    int command;      /**< greater than SEF_FI_CRASH */
    const char *text; /**< its parameters */
};

/* ---- LLVM: hooks of regions, contiguous memory and checkpoints ------------------------------ */

/** Memory at `addr` belongs to somebody else: it has no type, does not move and is not scanned.
 * Returns OK, ENOSYS without runtime, or an errno value. */
int sef_llvm_add_special_mem_region(void *addr, size_t len, const char *name);
int sef_llvm_del_special_mem_region_by_addr(void *addr);
/** Let the data store's entries be transferred by what they say they are. No-op without runtime. */
void sef_llvm_ds_st_init(void);
/** mmap(2) and munmap(2) past the runtime, for memory that stays without a type. */
void *sef_llvm_ac_mmap(void *buf, size_t len, int prot, int flags, int fd, off_t offset);
int sef_llvm_ac_munmap(void *buf, size_t len);
/** Roll back to the last checkpoint. Returns OK, ENOSYS without checkpoints, or an errno value. */
int sef_llvm_ltckpt_restart(int type, sef_init_info_t *info);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
