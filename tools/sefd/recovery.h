/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What becomes of a service that ends by itself, crashes, or does not answer pings.
 *
 *   crash --replica, policy restart--> RS_INIT(RESTART) to the replica ---------> continues with state
 *   end ----policy restart------------> new process, RS_INIT(RESTART) ----------> same endpoint
 *   end ----policy reset--------------> new process, new endpoint, RS_INIT(FRESH) -> starts anew
 *
 * What fails falls back to the line below. The second line is taken only by services that said they have
 * a restart callback for it. A first end is followed by a restart at once, further ones in a row by one
 * after 2, 4, 8 ... 30 periods, until an instance ran for a while. A replica that would begin soon
 * after another one is not let on: the state that crashed twice is not worth a third time.
 */
#ifndef SEFD_RECOVERY_H
#define SEFD_RECOVERY_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>
#include <systemd/sd-event.h>

#include <sef/wire.h>

#include "process.h"

struct daemon;
struct service;

/** What the instance that begins is. */
enum recovery_how {
    RECOVERY_NONE,    /**< no restart is under way */
    RECOVERY_REPLICA, /**< a fork of the one that crashed */
    RECOVERY_KEEP,    /**< a new process with the endpoint of the old one */
    RECOVERY_FRESH,   /**< a new process with a new endpoint */
};

/** How an instance ended, for status. */
struct recovery_crash {
    pid_t pid; /**< 0: none did */
    int signal;
    uint64_t pc, address; /**< 0: not known */
    bool controlled;      /**< asked for by fault injection */
    bool silent;          /**< it did not answer pings and was killed for that */
    char end[PROCESS_END_MAX];
    char why[128];       /**< why its state is lost, if it said so */
    const char *outcome; /**< what came of it */
};

/** Part of a service; for recovery*.c alone. */
struct recovery {
    enum recovery_how how;
    int abilities;              /**< SEF_WIRE_TAKES_* and others that the service told */
    bool expecting;             /**< a replica is to announce itself */
    pid_t crashed;              /**< whose replica that is */
    pid_t replica;              /**< as that process told, 0: not known */
    unsigned in_a_row;          /**< restarts since an instance ran for a while */
    uint64_t replica_ns;        /**< when the last replica was let on, 0: never */
    sd_event_source *timer;     /**< of the next step */
    sd_event_source *heartbeat; /**< of the next ping */
    uint32_t ping;              /**< number of the last ping */
    unsigned unanswered;
    struct recovery_crash last;
};

/** A packet came. Returns true if it is about crashes, pings or faults; the service may be gone then. */
bool recovery_packet(struct service *service, const struct sef_packet *packet, pid_t sender);

/** The instance has ended outside of an update. Returns true if a replica may go on for it. */
bool recovery_instance_ended(struct service *service);

/** The last process of a service has gone, and its socket. Returns true if it will be started again. */
bool recovery_continue(struct service *service);

/** A service is initialised; `flags` are those of its reply. */
void recovery_started(struct service *service, int flags);

/** Whether a replica of the service, had it crashed, would be let on. */
bool recovery_may_continue(const struct service *service);

/** A replica of process `crashed`, which went on while there was no daemon, is the instance now. */
void recovery_continued(struct service *service, pid_t crashed);

/** The configuration of a service changed. */
void recovery_configured(struct service *service);

/** A child of the daemon that is no service's instance is a zombie. */
void recovery_child_ended(struct daemon *daemon, const siginfo_t *info);

/** A service is taken down: nothing of it is to be restarted. */
void recovery_stop(struct service *service);

/** Ask an instance to end: by RS_SIGNAL if it wants that, else by the signal itself. */
void recovery_signal(struct service *service, int signal);

/** Add policy, restarts and the last crash to what status tells of a service. */
void recovery_describe(const struct service *service, json_t *object);

#endif
