/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What multi.c and multi_order.c share.
 */
#ifndef SEFD_MULTI_MEMBERS_H
#define SEFD_MULTI_MEMBERS_H

#include <systemd/sd-event.h>

#include "multi.h"
#include "names.h"

enum multi_member_state {
    MEMBER_QUEUED,
    MEMBER_CHECKING,  /**< its image is compared */
    MEMBER_WAITING,   /**< its service is not asked, or was released */
    MEMBER_PREPARING, /**< its service was asked */
    MEMBER_READY,     /**< its service sleeps */
    MEMBER_STARTING,
    MEMBER_INITIALISED,
    MEMBER_COMMITTING,
    MEMBER_FINISHED,
};

struct multi_member {
    struct multi *multi;
    char label[LABEL_MAX + 1];
    struct update_request request; /**< its strings are in `strings` */
    char *strings[3], **lists[2];  /**< owned */
    struct update *update;         /**< while there is one; owned by its service */
    enum multi_member_state state;
    unsigned batch; /**< when it is asked: those of 0 first */
    bool again;     /**< it was left behind by the decision, and is tried once more */
    int result;
    json_t *reply; /**< of its update */
};

enum { MULTI_DECISION_PATH_MAX = PATH_MAX + 16 };

struct multi {
    struct daemon *daemon;
    struct client *client; /**< waits for the end, or NULL */
    bool running;
    bool decided; /**< all were initialised: there is no way back */
    int decision; /**< the file that says so, or -1 */
    char decision_path[MULTI_DECISION_PATH_MAX];
    unsigned depth; /**< not 0: members may end, the whole must not */
    unsigned batch; /**< that is asked now */
    unsigned prepare_ms;
    sd_event_source *limit; /**< of the preparation */
    sd_event_source *stall;
    sd_event_source *turns; /**< calls `step` for the member `turn` and those after it */
    void (*step)(struct multi_member *); /**< may be the end of the member */
    size_t turn;
    int result; /**< of the first that failed, with `text` */
    char text[UPDATE_TEXT_MAX + 128];
    size_t n;
    struct multi_member members[MULTI_MEMBERS_MAX];
};

/** True if each member whose update is not over, or if `state` is MEMBER_FINISHED each, is in a state. */
bool multi_all(const struct multi *multi, enum multi_member_state state);

/** The end, if all members are finished and nobody is in the middle of something. */
void multi_settle(struct multi *multi);

/* multi_turns.c */

/** Have `step` called for each member, one in a turn of the event loop, so that others are answered meanwhile;
 * no more after the first failure, unless it is decided. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int multi_turns_begin(
    struct multi *multi, void (*step)(struct multi_member *));

/* multi_decision.c */

/** Make the file. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int multi_decision_open(struct multi *multi);
/** Decide that all commit: whatever becomes of the daemon from now on, they do. Returns 0, or negative errno if
 * nothing was decided. */
__attribute__((warn_unused_result)) int multi_decide(struct multi *multi);
/** Remove the file: each member knows, or is at its end. */
void multi_decision_close(struct multi *multi);

/* multi_order.c */

/** Ask the members to get ready. */
void multi_order_begin(struct multi *multi);
/** One more is ready, and others are not. */
void multi_order_ready(struct multi *multi);
/** No more asking. */
void multi_order_end(struct multi *multi);

#endif
