/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Several services updated as one: all of them, or none.
 *
 *   queued --upd_run--> PREPARE --all ready--> START --all initialised--> COMMIT
 *                          |                     |
 *                          +-- any failure: the others are cancelled or rolled back
 *
 * Each member is a struct update of its service that stops at two points and waits for the others. Until
 * the last one is initialised nothing has happened to any. Then the daemon decides, at once for all, so that they
 * also end as one if it is killed meanwhile (multi_decision.c). A new instance that dies between the decision
 * and its commit is made once more, because the others cannot go back.
 *
 * A service that is ready sleeps, and whoever waits for its answer never becomes ready. So when members
 * are not ready soon, those that are are released and asked again after them: what is learned in this way
 * is an order, in which a service is asked before those it waits for.
 *
 * Source: the update chain of RS (RS_UPDATE with batch, RS_SYSCTL); differs: members are prepared side by
 * side and initialised side by side, and services that talk to each other do not run into a time limit.
 */
#ifndef SEFD_MULTI_H
#define SEFD_MULTI_H

#include <stdbool.h>

#include <jansson.h>

#include "update.h"

struct client;
struct daemon;
struct multi;
struct multi_member;

enum { MULTI_MEMBERS_MAX = 256 };

/** Queue an update for multi_run(); answers the client. Errors answered: EBUSY an update runs; EINVAL the
 * service is in the queue already; ENOSPC, ENOMEM. */
void multi_queue(
    struct service *service, struct client *client, const struct update_request *request);

/** Run the queue. The client is answered at the end or, with `no_block`, at once. Errors answered: ENOENT
 * nothing is queued; EBUSY. */
void multi_run(struct daemon *daemon, struct client *client, bool no_block);

/** Empty the queue, or give up what runs. Returns how many members there were; 0 also if all are
 * being committed. */
size_t multi_stop(struct daemon *daemon);

/** The members, for status; an empty array if there are none. */
json_t *multi_status(const struct daemon *daemon);

/** Remove what an earlier daemon left that was killed in the middle. */
void multi_sweep(const struct daemon *daemon);

/** The file that tells a member's old instance what was decided if the daemon does not; owned by the update. */
const char *multi_decision(const struct multi_member *member);

/** True if there is a queue, running or not. */
bool multi_exists(const struct daemon *daemon);

/** Events of a member's update. */
void multi_checked(struct multi_member *member);
void multi_ready(struct multi_member *member);
void multi_initialised(struct multi_member *member);
/** It is over, and freed. Takes `reply`. */
void multi_finished(struct multi_member *member, int result, json_t *reply);

/** Forget the queue, at the daemon's end. */
void multi_deinit(struct daemon *daemon);

#endif
