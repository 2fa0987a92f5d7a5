/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service: its label, its one instance, and the socket that leads to it.
 *
 * The instance is tracked by pidfd; an update replaces it (service_adopt()). Only this part and
 * update.c change a service; whether its process is our child yet makes no difference to either.
 */
#ifndef SEFD_SERVICE_H
#define SEFD_SERVICE_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <jansson.h>
#include <systemd/sd-event.h>

#include <sef/wire.h>

#include "config.h"
#include "coverage.h"
#include "ipc.h"
#include "launch.h"
#include "names.h"
#include "process.h"
#include "recovery.h"
#include "settings.h"

struct client;
struct daemon;
struct standby;
struct update;

enum {
    SERVICES_MAX = 256,
    SERVICE_BAD_PACKETS_MAX = 64, /**< then the control socket is closed for good */
};

enum service_state {
    SERVICE_STARTING, /**< waits for the reply to RS_INIT */
    SERVICE_RUNNING,
    SERVICE_STOPPING,   /**< SIGTERM sent */
    SERVICE_FAILED,     /**< did not start; SIGKILL sent */
    SERVICE_RESTARTING, /**< has ended; another instance will begin */
    SERVICE_ENDED,      /**< by itself; stays listed until down or up */
};

struct service {
    struct service *next;
    struct daemon *daemon;
    char label[LABEL_MAX + 1];
    struct service_config config;
    bool once; /**< not to be restarted, whatever a unit file says */
    enum service_state state;
    int endpoint;
    unsigned restarts; /**< how often it was restarted, preset by the configuration */

    pid_t pid;    /**< the instance, or the last one */
    pid_t sid;    /**< session of all its instances */
    bool tracked; /**< the instance has not ended */
    int pidfd;    /**< -1: none, then SIGCHLD alone tells the end */
    sd_event_source *exit_source;
    char end[PROCESS_END_MAX]; /**< how the last instance ended; "" while it runs */
    int end_signal;            /**< that ended it, 0: none, or not known */
    uint64_t start_ns;         /**< when the service came up, CLOCK_MONOTONIC */
    int init_type, init_flags; /**< SEF_INIT_*: how the instance was, or is, told to start */

    int control; /**< -1: lost */
    sd_event_source *control_source;
    unsigned bad_packets;
    struct ipc_port ipc;

    struct standby *standby; /**< the replica that waits, or NULL */
    bool refreshing;         /**< it is taken down to be started again */
    bool relaunched; /**< this start is not its first: if it fails the service stays, ended */

    unsigned generation; /**< of the running image, from 1 */
    unsigned previous;   /**< generation before, its copy is kept; 0: none */
    char *image;         /**< path as the user gave it, made absolute */

    uint32_t serial;     /**< of the last request to prepare an update */
    unsigned updates;    /**< committed ones */
    json_t *last_update; /**< final reply of the last update, or NULL */
    bool unsaved;        /**< its record is to be written (record.h) */
    bool recorded;       /**< there is a record, and it is of this service */
    struct {
        char *image; /**< of the new version that an update may have made, or NULL */
        unsigned generation;
        bool expected;
        bool asked; /**< see service_config */
        bool
            met; /**< an instance has been tracked; others of its session may have another parent */
    } resume;    /**< of a service of an earlier daemon */
    struct update *update; /**< the running one, or NULL */
    bool unconfirmed;      /**< the service owes the confirmation of a rollback */

    struct coverage coverage;
    sd_event_source *rerandomize; /**< timer of the next update to another variant, or NULL */
    struct recovery recovery;

    struct client *client;  /**< waits for up or down */
    sd_event_source *timer; /**< limit of the start, or of SIGTERM */
    int error;              /**< of the start, with `text` */
    char text[LAUNCH_TEXT_MAX];
};

/** Start a service; answers `client`, unless it is NULL, when it is initialised or failed. Every error
 * is answered. `config` is copied. With `once` it is not restarted, whatever its configuration becomes. */
void service_up(struct daemon *daemon, struct client *client, const char *label,
    const struct service_config *config, bool once);

/** To be called when the configuration of a service that has not ended changed. */
void service_configured(struct service *service);

/** Start a service again whose instance has gone: the image that ran last, or the stand-by replica, with a
 * new endpoint and `flags` (SEF_INIT_*). Who waits in service->client is answered when it is initialised or
 * failed; a service that fails stays listed as ended. */
void service_relaunch(struct service *service, int flags);

/** The same for recovery: with SEF_INIT_RESTART as `type` the endpoint stays. Returns 0, or negative errno
 * with the reason logged and no process left. */
__attribute__((warn_unused_result)) int service_launch_again(struct service *service, int type);

/** Ask the tracked instance to initialise itself. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int service_begin(struct service *service, int type, int flags);

/** End a service gracefully and start it again; answers `client` when it is initialised or failed. One that
 * has ended is started. */
void service_refresh(struct service *service, struct client *client);

/** Check the program of a service before it is started. Returns 0, or negative errno with `why` set. */
__attribute__((warn_unused_result)) int service_check_program(
    const struct service *service, char why[static LAUNCH_TEXT_MAX]);

/** What to start for an instance of a service; borrowed from its configuration. */
struct launch_request service_launch_request(const struct service *service);

/** Change settings of a service; `asked`: for its owner. Returns as settings_apply_all(), with nothing changed on failure. */
__attribute__((warn_unused_result)) int service_edit(struct service *service,
    const json_t *settings, bool asked, char why[static SETTINGS_TEXT_MAX]);

/** End a service, or forget one that has ended; answers `client` when it is gone. */
void service_down(struct service *service, struct client *client);

/** Make a service that has no process yet and whose endpoint is not open. NULL when memory is out. */
struct service *service_new(
    struct daemon *daemon, const char *label, const struct service_config *config);

/** The service of an earlier daemon, or one that closed its socket, came back: `fd` is its control socket from now
 * on. */
void service_attach(struct service *service, int fd);
/** Read what a service that starts has said before it ended: that it is initialised, perhaps. */
void service_hear_out(struct service *service);
/** Tell a service that starts how to. Returns 0 or negative errno. */
int service_tell(const struct service *service);

/** The service with a label, or NULL. */
struct service *service_find(struct daemon *daemon, const char *label);

/** Make the process `pid`, which runs `image`, the instance of a service whose last one has ended.
 * Returns 0, or negative errno with nothing changed: -ESRCH when it has ended already. */
__attribute__((warn_unused_result)) int service_adopt(
    struct service *service, pid_t pid, const char *image);

/** The last process of a service has gone: end what it left, answer who waits. May free it. */
void service_gone(struct service *service);

/** End the instance with a signal, and with SIGKILL when that does not; service_gone() follows. An
 * update is aborted. `state` is SERVICE_STOPPING or SERVICE_FAILED. */
void service_stop(struct service *service, enum service_state state, int signal);

/** Track `pid` as the instance of a service that has none. Returns 0 or negative errno. */
__attribute__((warn_unused_result)) int service_track(struct service *service, pid_t pid);

/** Whether a process may be one of a service: it is of its session, or began a session of its own after the
 * instance forked it, and is of no other service. */
bool service_may_be(const struct service *service, pid_t pid);

/** Do not track the instance any more. */
void service_untrack(struct service *service);

/** Send a signal to a tracked instance. */
void service_signal(const struct service *service, int signal);

/** Free a service; its process is not touched. */
void service_destroy(struct service *service);

/** Close the control socket. */
void service_close_control(struct service *service);

/** The name of a service's state, for users. */
const char *service_state_name(const struct service *service);

/** True if a process of any service is left. */
bool services_alive(const struct daemon *daemon);

/** Begin to end all services. */
void services_stop(struct daemon *daemon);

/** Kill all services. */
void services_kill(struct daemon *daemon);

/** A child of the daemon is a zombie; it is reaped by the caller. */
void services_child_ended(struct daemon *daemon, const siginfo_t *info);

/** Free all services; their processes are not touched. */
void services_deinit(struct daemon *daemon);

#endif
