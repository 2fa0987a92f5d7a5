/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The stand-by replica of a service: a second process of the same image, started and left waiting in
 * sef_startup(), so that a restart need not start one.
 *
 * It has a control socket of its own, on which nothing was said yet; whoever takes it says RS_INIT. It is
 * a child of the daemon, which reaps it, so its process id is its own until then.
 */
#ifndef SEFD_STANDBY_H
#define SEFD_STANDBY_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "launch.h"

struct daemon;
struct service;

struct standby {
    pid_t pid;
    int control; /**< our end of its socket */
};

/** Start one, of the image that runs. Returns 0; or a negative errno value and the reason in `why`:
 * -EEXIST there is one. */
__attribute__((warn_unused_result)) int standby_create(
    struct service *service, char why[static LAUNCH_TEXT_MAX]);

/** End it; none is no error. */
void standby_destroy(struct service *service);

/** Give it up: the caller owns the process and its socket. False if there is none. */
bool standby_take(struct service *service, struct standby *ret);

/** What runs has changed: the one that waits is replaced. */
void standby_renew(struct service *service);

/** A child of the daemon is a zombie. Returns true if it was a stand-by replica. */
bool standbys_child_ended(struct daemon *daemon, const siginfo_t *info);

#endif
