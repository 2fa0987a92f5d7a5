/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One live update of one service: a state machine driven by packets, exits and a timer.
 *
 *   PREPARE --ready--> START --initialised--> COMMIT ---+
 *      |                 |          |                   | old instance exits
 *      | limit: cancel   | failure, limit: ROLLBACK     v
 *      v                 v                           TAKEOVER --RS_LU_COMMIT--> new instance
 *   old goes on       old goes on
 *
 * TAKEOVER is entered whenever the old instance ends after RS_LU_START: then a new instance
 * announces itself by RS_LU_COMMIT, or the socket reports that nobody is left. The update runs to
 * its end whether or not its client is still there.
 */
#ifndef SEFD_UPDATE_H
#define SEFD_UPDATE_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>
#include <systemd/sd-event.h>

#include <sef/wire.h>

#include "build_id.h"
#include "ipc_filter.h"
#include "preflight.h"
#include "process.h"

struct client;
struct daemon;
struct update_check;
struct multi_member;
struct service;

enum { UPDATE_TEXT_MAX = 1024 };

enum update_phase {
    UPDATE_PREPARE,  /**< waits for ready */
    UPDATE_START,    /**< waits for the child's initialisation */
    UPDATE_COMMIT,   /**< waits for the old instance to go */
    UPDATE_ROLLBACK, /**< waits for the old instance's confirmation */
    UPDATE_TAKEOVER, /**< the old instance has ended; waits for the new one */
};

/** What to do. All borrowed. */
struct update_request {
    const char *image;      /**< absolute path */
    const char *expression; /**< for SEF_LU_STATE_EVAL, else "" */
    int state;              /**< SEF_LU_STATE_* */
    const char *rules;      /**< text of rules and policies, "": none */
    int flags;              /**< SEF_LU_*, SEF_INIT_*; with SEF_LU_SELF `image` is a name only */
    unsigned prepare_ms, limit_ms; /**< 0: none */
    size_t prealloc;               /**< bytes of the init buffer, 0: none */
    int64_t asr_count;             /**< number of the variant, -1: as before */
    int file;                      /**< the image as the client sent it, -1: not sent */
    bool asked;                    /**< by the service's owner, not by a master (access.h) */
    const char *const *blacklists,
        *const *whitelists; /**< of ipc_filter.h, up to a NULL; NULL: none */
};

/** What tells an image from others. */
struct update_image {
    char *path; /**< as given */
    unsigned generation;
    char build_id[BUILD_ID_MAX];
};

/** A running update; owned by its service. Fields are for update*.c alone. */
struct update {
    struct service *service;
    struct client *client;       /**< NULL once it has gone */
    struct multi_member *member; /**< of an update of several services, or NULL */
    enum update_phase phase;
    struct update_check *check; /**< goes on, the service is not asked yet; or NULL */
    sd_event_source *timer;
    char copy[PATH_MAX];
    char rules[PATH_MAX]; /**< file with the text of rules, "": none */
    struct update_image from, to;
    char *expression;           /**< for SEF_LU_STATE_EVAL, else "" */
    struct ipc_filter *filters; /**< in force from the request to prepare on */
    int state, flags;
    uint32_t serial;               /**< of the request to prepare */
    unsigned ready_ms;             /**< how long the service stays ready; 0: its default */
    unsigned prepare_ms, limit_ms; /**< 0: none */
    size_t prealloc;               /**< bytes of the init buffer, 0: none */
    int64_t asr_count;             /**< number of the variant, -1: as before */
    bool same_image;               /**< as the running one */
    bool asked;                    /**< by the service's owner */
    bool control_lost, commit_sent, initialised;
    bool overdue;                    /**< all was told, and the old instance may still do either */
    int abilities;                   /**< SEF_WIRE_TAKES_* that the claimant told */
    pid_t claimant;                  /**< sent RS_LU_COMMIT while the old instance still existed */
    pid_t child;                     /**< as the old instance told, 0: unknown */
    char child_end[PROCESS_END_MAX]; /**< how the child ended, if it was our child then */
    struct sef_update_stats stats;
    json_t *findings;         /**< members of the reply that the service told, or NULL */
    json_t *diff;             /**< rehearsals: what changes, or NULL */
    uint64_t commit_begin_ns; /**< when the commit was sent */
    uint64_t commit_ns;       /**< from there to the new instance's word */
    int result;               /**< cause of a rollback, with `text` */
    char text[UPDATE_TEXT_MAX];
};

/** Tell what an update would do, without one. Everything is answered. */
void update_explain(
    struct service *service, struct client *client, const struct update_request *request);

/** Begin an update; answers `client` at its end. Every error is answered. */
void update_begin(
    struct service *service, struct client *client, const struct update_request *request);

/** Make an update that has not asked its service yet, and begin to check what it is to, if it is to anything:
 * then update->check is set, and multi_checked() tells the end. On failure `*error` is a positive error number,
 * else 0, and `why` has the reason: NULL if no update can be tried now; otherwise the update is to be finished
 * with both. */
struct update *update_create(struct service *service, const struct update_request *request,
    int *error, char why[static UPDATE_TEXT_MAX]);

/** Ask the service to get ready; `ms` is the time limit, 0: none. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int update_ask(struct update *update, unsigned ms);

/** End an update because its service is taken down. */
void update_abort(struct update *update);

/** What an update of several services tells one of its members, which waits (multi.h). Each may end
 * the update. */
void update_start(struct update *update);
void update_commit(struct update *update);
/** Not this time: the service goes on, and update_ask() may ask it again. */
void update_release(struct update *update);
/** The time limit of the preparation has passed. */
void update_not_ready(struct update *update);
/** Because of another member: cancel, or roll back what can be. */
void update_give_up(struct update *update, int result, const char *text);

/** Give up an update that is no member of an update of several. False if it is ending anyway. */
bool update_stop(struct update *update, int result, const char *text);

/** Whether it is a member of an update of several services. */
bool update_is_member(const struct update *update);

/** What runs, for upd_status. */
json_t *update_describe(const struct update *update);

/** True if the instance sleeps, or has ended: what comes on its socket is the update's. */
bool update_is_frozen(const struct update *update);

/** The service has crashed, and its process leaves. */
void update_crashed(struct update *update);

/** Free an update without an answer. */
void update_destroy(struct update *update);

/* Events. Each may end the update and free its service. */
void update_packet(struct update *update, const struct sef_packet *packet, pid_t sender);
void update_control_lost(struct update *update);
void update_instance_ended(struct update *update);

/** A child of the daemon that is no service's instance is a zombie. */
void updates_child_ended(struct daemon *daemon, const siginfo_t *info);

/** Tell a service that the update with this serial is not wanted any more. */
void update_cancel(struct service *service, uint32_t serial);

/* For update*.c alone. */

#define UPDATE_REFUSED "refused before the service was disturbed: "

/** Copy what the service will read, and check it beside the event loop: update_checked() follows, or the end of
 * the update. Returns 0, or a negative errno value and the reason in `why`. */
__attribute__((warn_unused_result)) int update_check(struct update *update,
    const struct update_request *request, char why[static PREFLIGHT_TEXT_MAX]);

/** Nobody waits for the check any more. */
void update_check_forget(struct update_check *check);

/** What the update is to is good: ask the service. */
void update_checked(struct update *update);

/** Why an update of a service cannot even be tried now: a positive error number and a text, or 0. */
int update_refusal(const struct service *service, char why[static UPDATE_TEXT_MAX]);

/** Record and answer the result; the update is freed. */
void update_finish(struct update *update, int result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The name of a phase. */
const char *update_phase_name(enum update_phase phase);

/** Enter a phase with a time limit; 0: none. */
void update_enter(struct update *update, enum update_phase phase, unsigned ms);

/** Take over what the service tells of the transfer: statistics, warnings, error, policies. */
void update_set_findings(struct update *update, const struct sef_packet *packet);

/** Write the result of an update, and its warnings, to the log. */
void update_log(const struct update *update, const char *text);

/** The reply to a request to prepare that is not wanted any more: it crossed the cancel. A service
 * that is ready sleeps and must be woken. */
void update_stale_reply(struct service *service, const struct sef_packet *packet);

/** The final reply of an update: result, text and what was measured. NULL when memory is out. */
json_t *update_reply(const struct update *update, int result, const char *text);

#endif
