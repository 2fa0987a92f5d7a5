/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The System Event Framework: what a service calls to be updated live.
 *
 * A service calls sef_startup() once, after it registered its callbacks, and from then on waits
 * for work only through sef_wait(), sef_epoll_wait(), sef_receive_status() or with sef_fd() in its
 * own loop and sef_dispatch() when that descriptor is readable. These are its quiescent points.
 *
 * All functions are for the main thread and none is async-signal-safe, unless said otherwise.
 * Error numbers are errno values, returned positive (OK is 0), as in the commit this implements.
 * Source: minix/include/minix/sef.h.
 */
#ifndef SEF_SEF_H
#define SEF_SEF_H

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#include <sef/attributes.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef int endpoint_t;
typedef int32_t cp_grant_id_t;
typedef uintptr_t vir_bytes;

#define OK 0
#define NONE ((endpoint_t) -1)      /**< no endpoint */
#define ANY ((endpoint_t) -2)       /**< any sender */
#define RS_PROC_NR ((endpoint_t) 2) /**< the supervisor */
#define GRANT_INVALID ((cp_grant_id_t) -1)

/* Codes that Linux does not have. */
#define ERESTART_SEF 200            /**< historic ERESTART */
#define ENOTREADY 201
#define EDEADSRCDST 202             /**< source or destination does not exist (any more) */
#define EGENERIC 204
#define ELOCKED 208                 /**< the two would wait for each other for ever */
#define EBADCALL 209
#define ECALLDENIED 210

/** A message between services (sef/ipc.h), or of SEF to a callback, which treats the payload as opaque. */
typedef struct {
    endpoint_t m_source;            /**< set by the supervisor */
    int m_type;                     /**< the sender's, as is the payload */
    unsigned char m_payload[56] __attribute__((aligned(8)));
} message;

/* ---- Core ------------------------------------------------------------------------------- */

/** Wait for the initialisation request and run it. Returns when the service may begin to work.
 *
 * Without a supervisor (started from a shell) the fresh callback runs at once. In a new generation
 * this is where the old state arrives. Returns OK, or the error of the initialisation: the service
 * should then exit; in an update this call does not return an error, the new instance ends and the
 * old one goes on. errno is set to the error too.
 * Errors: EALREADY called twice; ENOTCONN the supervisor went away first; EBADF, ENOTSOCK,
 *   EPROTOTYPE the descriptor in SEF_CONTROL_FD is no supervisor's socket; what the callback
 *   returned. */
int sef_startup(void);

/** Wait for a message of `src` or ANY; control messages are handled inside and not returned. sef/ipc.h says what
 * the status tells; `status_ptr` may be NULL.
 * Errors: EINTR after sef_cancel() or a signal; ENOTCONN no supervisor; others of ipc_receive(). */
int sef_receive_status(endpoint_t src, message *m_ptr, int *status_ptr);
#define sef_receive(src, m_ptr) sef_receive_status(src, m_ptr, NULL)

/** poll() that is a quiescent point. Returns as poll() does; never for control messages alone. */
int sef_wait(struct pollfd *fds, nfds_t nfds, int timeout);
/** epoll_wait() that is a quiescent point. Returns as epoll_wait() does. */
int sef_epoll_wait(int epfd, struct epoll_event *events, int maxevents, int timeout);
/** Descriptor for the service's own poll loop: readable when sef_dispatch() has work. -1 when the
 * service runs without supervisor. May change across an update: ask again in main. */
int sef_fd(void);
/** A quiescent point: handle what the supervisor sent, if anything. Cheap when there is nothing.
 * While an update is being prepared call it each time around the loop. Returns OK. */
int sef_dispatch(void);

/** This service's endpoint; NONE without a supervisor. It stays the same over updates. */
endpoint_t sef_self(void);
/** Make a sef_receive_status() in progress, or the next one, return EINTR. Async-signal-safe. */
void sef_cancel(void);
/** End the process at once, without exit handlers and without flushing stdio. */
__attribute__((noreturn)) void sef_exit(int status);
/** A random number seed. Source: sef_getrndseed; differs: from getrandom(2), not uptime. */
int sef_getrndseed(void);
/** munmap(2). `type` is historic and ignored. Returns OK or an errno value. */
int sef_munmap(void *addrstart, vir_bytes len, int type);

/* ---- Initialisation ---------------------------------------------------------------------- */

#define SEF_INIT_FRESH 0
#define SEF_INIT_LU 1
#define SEF_INIT_RESTART 2

/* Flags of an initialisation. */
#define SEF_INIT_CRASH 0x1          /**< debug: crash */
#define SEF_INIT_FAIL 0x2           /**< debug: fail with ENOSYS */
#define SEF_INIT_TIMEOUT 0x4        /**< debug: hang */
#define SEF_INIT_DEFCB 0x8          /**< use the default callback, not the service's */
#define SEF_INIT_SCRIPT_RESTART 0x10
#define SEF_INIT_ST 0x20            /**< force typed transfer */

typedef struct {
    int flags;
    cp_grant_id_t rproctab_gid;
    endpoint_t endpoint;
    endpoint_t old_endpoint;
    int restarts;
    void *init_buff_start;          /**< updates with --prealloc: zeroed memory, else NULL */
    void *init_buff_cleanup_start;  /**< the callback may set it: what is before it stays */
    size_t init_buff_len;
    int copy_flags;                 /**< SEF_COPY_* */
    int prepare_state;              /**< SEF_LU_STATE_* the old instance reached */
} sef_init_info_t;

/** Initialise the service. `info` is valid during the call. Returns OK or an errno value. */
typedef int (*sef_cb_init_t)(int type, sef_init_info_t *info);
/** Report the result in the message; normally sef_cb_init_response_rs_reply(). */
typedef int (*sef_cb_init_response_t)(message *m_ptr);

/* Setters: NULL sets the default callback back. A new generation begins with the defaults. */
void sef_setcb_init_fresh(sef_cb_init_t cb);
void sef_setcb_init_lu(sef_cb_init_t cb);
void sef_setcb_init_restart(sef_cb_init_t cb);
void sef_setcb_init_response(sef_cb_init_response_t cb);

int sef_cb_init_null(int type, sef_init_info_t *info);      /**< OK */
int sef_cb_init_fail(int type, sef_init_info_t *info);      /**< ENOSYS */
int sef_cb_init_reset(int type, sef_init_info_t *info);     /**< ERESTART_SEF */
int sef_cb_init_crash(int type, sef_init_info_t *info);     /**< does not return */
int sef_cb_init_timeout(int type, sef_init_info_t *info);   /**< never returns usefully */
int sef_cb_init_identity_state_transfer(int type, sef_init_info_t *info);
int sef_cb_init_lu_identity_as_restart(int type, sef_init_info_t *info);
int sef_cb_init_lu_generic(int type, sef_init_info_t *info);
int sef_cb_init_response_null(message *m_ptr);
int sef_cb_init_response_rs_reply(message *m_ptr);

#define SEF_CB_INIT_FRESH_NULL sef_cb_init_null
#define SEF_CB_INIT_LU_NULL sef_cb_init_null
#define SEF_CB_INIT_RESTART_NULL sef_cb_init_null
#define SEF_CB_INIT_RESPONSE_NULL sef_cb_init_response_null
#define SEF_CB_INIT_FRESH_DEFAULT sef_cb_init_null
#define SEF_CB_INIT_LU_DEFAULT sef_cb_init_lu_generic
#define SEF_CB_INIT_RESTART_DEFAULT sef_cb_init_reset
#define SEF_CB_INIT_RESPONSE_DEFAULT sef_cb_init_response_rs_reply

/* ---- Live update ------------------------------------------------------------------------- */

#define SEF_LU_STATE_NULL 0
#define SEF_LU_STATE_WORK_FREE 1
#define SEF_LU_STATE_REQUEST_FREE 2
#define SEF_LU_STATE_PROTOCOL_FREE 3
#define SEF_LU_STATE_EVAL 4
#define SEF_LU_STATE_UNREACHABLE 5  /**< debug: never reached */
#define SEF_LU_STATE_PREPARE_CRASH 6 /**< debug: crashes when tested */
#define SEF_LU_STATE_STD_BASE SEF_LU_STATE_WORK_FREE
#define SEF_LU_STATE_DEBUG_BASE SEF_LU_STATE_UNREACHABLE
#define SEF_LU_STATE_CUSTOM_BASE 7
#define SEF_LU_STATE_IS_STANDARD(s) \
    ((s) >= SEF_LU_STATE_STD_BASE && (s) < SEF_LU_STATE_DEBUG_BASE && (s) != SEF_LU_STATE_EVAL)
#define SEF_LU_STATE_IS_DEBUG(s) \
    ((s) >= SEF_LU_STATE_DEBUG_BASE && (s) < SEF_LU_STATE_CUSTOM_BASE)
#define SEF_LU_STATE_EVAL_MAX_LEN 512

/* Flags of an update. */
#define SEF_LU_SELF 0x100           /**< same image: an identity update */
#define SEF_LU_ASR 0x200
#define SEF_LU_MULTI 0x400
#define SEF_LU_INCLUDES_VM 0x800
#define SEF_LU_INCLUDES_RS 0x1000
#define SEF_LU_PREPARE_ONLY 0x2000
#define SEF_LU_NOMMAP 0x4000
#define SEF_LU_DETACHED 0x8000
#define SEF_LU_REHEARSE 0x10000     /**< on a fork that is thrown away */
#define SEF_LU_VERIFY 0x20000       /**< check the transfer by transferring back */
#define SEF_LU_IS_IDENTITY_UPDATE(flags) \
    (((flags) & SEF_LU_SELF) && !((flags) & (SEF_LU_NOMMAP | SEF_LU_ASR | SEF_INIT_ST)))

/** Whether the state is reached: OK, ENOTREADY, or an error that refuses the update. Called at each
 * quiescent point for states that are neither WORK_FREE, EVAL nor debug states. */
typedef int (*sef_cb_lu_prepare_t)(int state);
/** Whether the service can be asked for the state: not 0 if so. */
typedef int (*sef_cb_lu_state_isvalid_t)(int state, int flags);
/** The state being prepared for changed; NULL when a request ends. */
typedef void (*sef_cb_lu_state_changed_t)(int old_state, int state);
/** Show what the state depends on. Called once a request, before the state is first tested. */
typedef void (*sef_cb_lu_state_dump_t)(int state);
/** The state is reached: save what the new version needs. An error refuses the update. */
typedef int (*sef_cb_lu_state_save_t)(int state, int flags);
/** Tell the supervisor, and block if the message says OK; returns when the update failed. */
typedef int (*sef_cb_lu_response_t)(message *m_ptr);

void sef_setcb_lu_prepare(sef_cb_lu_prepare_t cb);
void sef_setcb_lu_state_isvalid(sef_cb_lu_state_isvalid_t cb);
void sef_setcb_lu_state_changed(sef_cb_lu_state_changed_t cb);
void sef_setcb_lu_state_dump(sef_cb_lu_state_dump_t cb);
void sef_setcb_lu_state_save(sef_cb_lu_state_save_t cb);
void sef_setcb_lu_response(sef_cb_lu_response_t cb);

int sef_cb_lu_prepare_null(int state);              /**< ENOTREADY */
int sef_cb_lu_prepare_always_ready(int state);      /**< OK */
int sef_cb_lu_prepare_never_ready(int state);       /**< ENOTREADY */
int sef_cb_lu_prepare_crash(int state);             /**< does not return */
int sef_cb_lu_prepare_eval(int state);              /**< the expression of the request */
int sef_cb_lu_state_isvalid_null(int state, int flags);
int sef_cb_lu_state_isvalid_standard(int state, int flags);
int sef_cb_lu_state_isvalid_workfree(int state, int flags);
int sef_cb_lu_state_isvalid_workfree_self(int state, int flags);
int sef_cb_lu_state_isvalid_generic(int state, int flags);
void sef_cb_lu_state_changed_null(int old_state, int state);
void sef_cb_lu_state_dump_null(int state);
void sef_cb_lu_state_dump_eval(int state);
int sef_cb_lu_state_save_null(int state, int flags);
int sef_cb_lu_response_null(message *m_ptr);
int sef_cb_lu_response_rs_reply(message *m_ptr);

#define SEF_CB_LU_PREPARE_DEFAULT sef_cb_lu_prepare_null
#define SEF_CB_LU_STATE_ISVALID_DEFAULT sef_cb_lu_state_isvalid_generic
#define SEF_CB_LU_STATE_CHANGED_DEFAULT sef_cb_lu_state_changed_null
#define SEF_CB_LU_STATE_DUMP_DEFAULT sef_cb_lu_state_dump_eval
#define SEF_CB_LU_STATE_SAVE_DEFAULT sef_cb_lu_state_save_null
#define SEF_CB_LU_RESPONSE_DEFAULT sef_cb_lu_response_rs_reply

/* ---- State transfer ---------------------------------------------------------------------- */

#define SEF_STATE_TRANSFER_GID 0
#define SEF_COPY_OLD_TO_NEW 0x1
#define SEF_COPY_NEW_TO_NEW 0x2
#define SEF_COPY_DEST_OFFSET 0x4
#define SEF_COPY_SRC_OFFSET 0x8

/** Apply the copy flags' checkpoint offsets to both addresses. Returns 1 for new to new, else 0. */
int sef_copy_state_region_ctl(sef_init_info_t *info, vir_bytes *src_address,
    vir_bytes *dst_address);
/** Copy `size` bytes of the old state (or, by copy flags, of the new) to `dst_address`.
 * Returns OK, EFAULT if either range is not accessible, EPERM outside an initialisation. */
int sef_copy_state_region(sef_init_info_t *info, vir_bytes address, size_t size,
    vir_bytes dst_address);
/** Run the typed transfer. Returns OK, ENOSYS without runtime or table, or an errno value. */
int sef_st_state_transfer(sef_init_info_t *info);
/** Copy the old instance's state table root to `addr` (sef_llvm_state_table_size() bytes). */
int sef_old_state_table_lookup(sef_init_info_t *info, void *addr);
int sef_old_state_table_lookup_opaque(void *info_opaque, void *addr);
/** Differs from the historic one: addresses have the width of a pointer. */
int sef_copy_state_region_opaque(void *info_opaque, uintptr_t address, size_t size,
    uintptr_t dst_address);

/* ---- LLVM: the runtime's hooks, each harmless when the runtime is absent ------------------- */

int sef_llvm_magic_enabled(void);               /**< 1 if the runtime is linked in */
int sef_llvm_real_brk(char *newbrk);
int sef_llvm_state_cleanup(void);
void sef_llvm_dump_eval(char *expr);
int sef_llvm_eval_bool(char *expr, char *result); /**< OK, ENOSYS, or a negative MAGIC_* code */
void *sef_llvm_state_table_addr(void);          /**< NULL without runtime */
size_t sef_llvm_state_table_size(void);         /**< 0 without runtime */
/** Save and restore references to the process's own start; `stack_buff` has 1024 bytes. */
void sef_llvm_stack_refs_save(char *stack_buff);
void sef_llvm_stack_refs_restore(char *stack_buff);
int sef_llvm_state_transfer(sef_init_info_t *info); /**< OK, ENOSYS, or an error */
int sef_llvm_ltckpt_enabled(void);
int sef_llvm_get_ltckpt_offset(void);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#include <sef/requests.h>

#endif
