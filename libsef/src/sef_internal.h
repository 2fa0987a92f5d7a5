/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of libsef share.
 *
 * The library stays resident over updates, so what it keeps here passes to a new generation by
 * itself; only the callbacks, which point into an image, are set back before a new one is entered.
 * Everything runs on the main thread. Functions return OK or a positive errno value unless they
 * say otherwise; times are CLOCK_MONOTONIC nanoseconds.
 */
#ifndef SEF_INTERNAL_H
#define SEF_INTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include <sef/ipc.h>
#include <sef/ipc_wire.h>
#include <sef/sef.h>
#include <sef/wire.h>

#include "os/os.h"

/* ---- What is known of this service (sef.c) ------------------------------------------------ */

struct sef__self {
    int control_fd;      /**< socket to the supervisor, -1 without one */
    bool started;        /**< sef_startup() got through in this generation */
    bool own_fork;       /**< a fork() of ours is under way, not one of the service */
    endpoint_t endpoint; /**< NONE until the supervisor gave one */
    int restarts;
    char label[SEF_IPC_LABEL_MAX]; /**< "" until the supervisor gave one */
};

extern struct sef__self sef__self;

/* ---- Packets (sef_wire.c) ----------------------------------------------------------------- */

/* Between the old and the new instance, on their private socket. */
enum sef__link_type {
    SEF__LINK_PHASE = 0x7f0, /**< state: enum sef__phase that begins */
    SEF__LINK_LOG,           /**< text: a message of the runtime */
    SEF__LINK_RESULT,        /**< result, text and stats of the initialisation */
};

/** Begin a packet of ours: everything zero but type and result. */
void sef__wire_init(struct sef_packet *packet, int type, int result);
/** Set the text; what does not fit is cut. */
void sef__wire_text(struct sef_packet *packet, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Send without SIGPIPE, waiting a bounded time for room.
 * Errors: EPIPE or ECONNRESET peer is gone; ETIMEDOUT peer does not read; others of sendmsg(2). */
int sef__wire_send(int fd, struct sef_packet *packet);
/** Receive one packet without waiting; it is checked completely before OK is returned.
 * Errors: EAGAIN nothing there; ENOTCONN end of file; EBADMSG malformed; ENOMSG `packet` begins with a
 * struct sef_ipc_packet; others of recv(2). After EBADMSG `packet->text` says what is wrong with it and
 * `packet->type` is its type, or 0 if that cannot be told. */
int sef__wire_recv(int fd, struct sef_packet *packet);
/** The same as sef__wire_send() for bytes of any meaning. */
int sef__wire_send_bytes(int fd, const void *packet, size_t size);

/* ---- The supervisor's socket (sef_control.c) ---------------------------------------------- */

/** Take the socket over from the environment, which is cleaned. OK also when there is none. */
int sef__control_open(void);
/** The socket to the supervisor is this one. */
void sef__control_take(int fd);
/** Whether the descriptor still is that socket. Async-signal-safe. */
bool sef__control_is_ours(void);
/** After the service's own code ran for the first time: come back if that closed the socket. */
void sef__control_restore(void);
/** The supervisor is gone: go on without one. */
void sef__control_lost(void);
/** Send a packet of ours. Errors: ENOTCONN no supervisor (any more); ETIMEDOUT. */
int sef__control_send(struct sef_packet *packet);
int sef__control_send_bytes(const void *packet, size_t size);
/** Send result and text. Errors: as sef__control_send(). */
int sef__control_reply(int type, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Reply to the RS_LU_PREPARE that has this serial. Errors: as sef__control_send(). */
int sef__control_prepared(uint32_t serial, int result, const char *text);
/** Wait for the next packet until `deadline` (UINT64_MAX: for ever).
 * Errors: ENOTCONN; ETIMEDOUT; EBADMSG as sef__wire_recv(). */
int sef__control_next(struct sef_packet *packet, uint64_t deadline);
/** Handle all packets that are there. */
void sef__control_drain(void);
/** Answer a malformed packet in so far as the answer cannot be misunderstood. */
void sef__control_malformed(const struct sef_packet *packet);

/* ---- Messages between services (sef_ipc.c) ------------------------------------------------ */

/** Make a request, which takes the place of the one before. The packet gets its number. */
int sef__ipc_request(struct sef_ipc_packet *packet);
/** Wait for the answer to the request just made, over signals; it cannot be replaced meanwhile. */
int sef__ipc_await(struct sef_ipc_packet *ret);
/** Whether the request with this number is still under way, or answered and not looked at. */
bool sef__ipc_waits(uint64_t seq);
/** Take the answer to the request under way, if there is one. */
bool sef__ipc_answered(struct sef_ipc_packet *ret);
/** Make the message of an answer ours, or return the error that the answer is. */
int sef__ipc_accept(const struct sef_ipc_packet *packet, message *m, int *status);
/** Receive without waiting. */
int sef__ipc_poll(endpoint_t src, message *m, int *status);
/** End the request under way: what came for it and was not accepted goes back. */
void sef__ipc_withdraw(void);
/** A packet came in. */
void sef__ipc_take(const struct sef_ipc_packet *packet);
/** Whether there may be something to receive. */
bool sef__ipc_pending(void);
/** Whether that is for the service's callback. */
bool sef__ipc_due(void);
/** Hand one message to the callback, if that is due. */
void sef__ipc_dispatch(void);
/** Have the socket readable if there is something to receive. */
void sef__ipc_watch(void);
/** The supervisor is gone: forget the request, unless there will be another one. */
void sef__ipc_lost(void);
/** Another one is there: tell it what the last one may have died over. */
void sef__ipc_resume(void);
/** Forget callback and request: they are the old generation's. */
void sef__ipc_reset(void);

/* ---- Another supervisor (sef_resume.c) ----------------------------------------------------- */

/** Take over where to look for the next one, and watch the socket that just was opened, if it was. */
int sef__resume_open(void);
/** Connect to the supervisor and say who this is; its answer comes later. `state` is that of RS_RESUME. */
int sef__resume_join(int state);
/** The service has closed our descriptors; what has their numbers now is its own. */
void sef__resume_disown(void);
/** The socket is about to be closed: begin to look for the next supervisor, if there will be one. */
void sef__resume_lost(void);
/** This process is a child of the service's own: the supervisor is its parent's. */
void sef__resume_forked(void);
/** At a quiescent point: try to reach the next supervisor, if it is time. */
void sef__resume_try(void);
/** Handle the answer to RS_RESUME. */
void sef__resume_answer(const struct sef_packet *packet);
/** Whether another supervisor will come when this one has gone. */
bool sef__resume_expected(void);
/** Whether the service is between two supervisors: until the next one has answered. */
bool sef__resume_waits(void);
/** What the service's own loop waits for; -1: there is no supervisor, and will be none. */
int sef__resume_fd(void);
/** What a wait in this library waits for: as sef_fd(), but only until the next supervisor is there. */
int sef__wait_fd(void);

/* ---- Messages to callbacks ---------------------------------------------------------------- */

/** What is in the opaque payload of a message to a response callback. */
struct sef__response {
    int32_t result;
    int32_t state;
};

static inline void sef__message_set(message *m, int type, int32_t result, int32_t state)
{
    struct sef__response response = { result, state };

    memset(m, 0, sizeof(*m));
    m->m_source = sef__self.endpoint;
    m->m_type = type;
    memcpy(m->m_payload, &response, sizeof(response));
}

static inline struct sef__response sef__message_get(const message *m)
{
    struct sef__response response;

    memcpy(&response, m->m_payload, sizeof(response));
    return response;
}

/* ---- Initialisation (sef_init.c) ---------------------------------------------------------- */

/** Run the initialisation callback and the response callback. Returns the first error of both. */
int sef__process_init(int type, sef_init_info_t *info);
/** Set the callbacks back to their defaults. */
void sef__init_reset(void);
/** Whether the restart callback continues with the state of a crashed process. */
bool sef__init_restart_stateful(void);
/** Whether it restarts the service without that state. */
bool sef__init_restart_fresh(void);
/** Reserve the init buffer of a new instance; 0: none. Errors: as sef__os_memory_get(). */
int sef__buffer_reserve(size_t size);
/** Tell the init callback of it. */
void sef__buffer_info(sef_init_info_t *info);
/** The initialisation succeeded: give back what the callback did not keep. */
void sef__buffer_clean(const sef_init_info_t *info);
/** Whether old state may be copied now. */
bool sef__init_running(void);

/* ---- Other requests (sef_request.c) ------------------------------------------------------- */

/** Handle a request that is not about updates. Returns false if it is none. */
bool sef__request(const struct sef_packet *packet);
/** Answer one that came before the initialisation. */
void sef__request_refuse(const struct sef_packet *packet);
/** Set the callbacks back to their defaults. */
void sef__request_reset(void);
/** SEF_WIRE_TAKES_* of this service. */
int sef__request_abilities(void);

/* ---- Crashes (sef_crash.c) ---------------------------------------------------------------- */

/** The service is initialised, or has another restart callback: handle its fatal signals if it
 * continues after them. */
void sef__crash_arm(void);
/** While held, a crash is the business of the update that is under way. */
void sef__crash_hold(bool held);
/** Whether this process continues a crashed one and is not initialised yet. */
bool sef__crash_replica(void);
/** Whether this process is a replica that went on by itself, and no supervisor knows of it yet. */
bool sef__crash_alone(void);
void sef__crash_set_alone(bool alone);
/** Tell the supervisor that a replica waits for its initialisation. */
void sef__crash_announce(void);
/** The initialisation is done. Does not return in a replica if it failed. */
void sef__crash_continue(int result);

/* ---- Live update, preparation (sef_liveupdate.c) ------------------------------------------ */

/** Handle an RS_LU_PREPARE. */
void sef__lu_request(const struct sef_packet *packet);
/** A quiescent point. Costs a comparison while no update is being prepared. */
void sef__quiescent(void);
/** Forget an update that is being prepared, because nobody is left to carry it out. */
void sef__lu_cancel(void);
/** Set callbacks and state back without telling anybody: they are the old generation's. */
void sef__lu_reset(void);
/** The state being prepared for, and its flags and expression. */
struct sef__lu {
    int state;
    int flags;
    uint32_t serial;    /**< of the request */
    uint32_t answering; /**< of the request that the response callback replies to */
    uint32_t limit_ms;  /**< how long to stay ready without RS_LU_START; 0: default */
    bool dumped;        /**< state_dump ran for this request */
    char eval[SEF_LU_STATE_EVAL_MAX_LEN];
    char reason[1024]; /**< why the request is refused */
};

extern struct sef__lu sef__lu;

/* ---- Live update, old and new instance (sef_update_*.c) ----------------------------------- */

/** How far a new instance came; texts in sef_update_watch.c. */
enum sef__phase {
    SEF__PHASE_LOAD,
    SEF__PHASE_MAIN,
    SEF__PHASE_INIT,
    SEF__PHASE_DONE,
};

#define SEF__GO_MAGIC 0x4f474653u /* "SFGO" */

/** What the old instance hands to the new one when it gives up the service. */
struct sef__go {
    uint32_t magic;
    struct sef__timers timers;
};

/** Everything a new instance gets to know from the old one, by being its fork. */
struct sef__inherit {
    int link;  /**< private socket to the old instance */
    int flags; /**< SEF_INIT_*, SEF_LU_* */
    int prepare_state;
    bool rehearse;
    uint64_t fork_time; /**< when `timers` was taken */
    struct sef__timers timers;
    struct sef__freeze freeze;
    char path[PATH_MAX];
    char rules[PATH_MAX];    /**< file of rules, "": none */
    char decision[PATH_MAX]; /**< file that tells what several services do, "": this is one alone */
    size_t prealloc;         /**< bytes of the init buffer, 0: none */
};

/** Tell the supervisor that this instance is ready, sleep, and do what it says. Returns only in
 * the old instance and only if no update came about, with the reason:
 * EINTR cancelled or out of time, ENOTCONN supervisor lost, or the new instance's error. */
int sef__update_serve(void);
/** Become the new instance: load the image and enter its main. `inherit` stays valid; its freeze
 * is undone and forgotten. */
_Noreturn void sef__update_become(struct sef__inherit *inherit);
/** Whether this is a new instance that is not committed yet. */
bool sef__update_pending(void);
/** Hand a message of the runtime to the old instance, for the supervisor. Async-signal-safe. */
void sef__update_log(const char *line);
/** A transfer took this long; goes into the statistics of the update. */
void sef__update_transferred(uint64_t ns);
/** Take over what a request to start says behind its flags. Returns OK, or an error whose text is in
 * `why`. */
int sef__inherit_read(struct sef__inherit *inherit, const char *text, char *why, size_t size);
/** Hand the wishes of the update to the runtime, before the transfer; or have it forget them. */
int sef__wishes_pass(const struct sef__inherit *inherit, char *why, size_t size);
void sef__wishes_drop(void);
/** Fill in what the runtime knows of the transfer: counts, the error, policies. */
void sef__findings_add(struct sef_packet *packet);
/** Set the text to a message of the runtime, with its parts if it is the warning logged last. */
void sef__findings_message(struct sef_packet *packet, const char *line);
/** sef_startup() of a new instance. Returns only after the commit. */
int sef__update_startup(void);
/** Report the result of the initialisation to the old instance and wait for the commit. Does not
 * return if result is not OK, or if the old instance does not give up the service. */
int sef__update_report(int result);
/** At a quiescent point after an update: free some of the objects that it replaced. Returns true if more
 * can be freed at once, so that an idle service may go on with it. */
bool sef__update_reclaim(void);

/* ---- Errors (sef_error.c) ----------------------------------------------------------------- */

/** Text of an errno value or one of the historic codes; "unknown error" for others. */
const char *sef__strerror(int error);
/** errno value for a MAGIC_* code; other values are returned as they are. */
int sef__errno_of(int code);

#endif
