/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who may do what by the control socket (docs/security.md).
 *
 * Masters are root and the user that runs the daemon: they may do everything. The owner of a service controls it. Who
 * else can connect may see what there is. A client is whom the kernel knew to connect, not who sends.
 */
#ifndef SEFD_ACCESS_H
#define SEFD_ACCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "trust.h"

struct client;
struct daemon;
struct service_config;

/** True if a user is a master. */
bool access_is_master(uid_t uid);

/** True if a client, or NULL for the daemon itself, may do everything. */
bool access_all(const struct client *client);

/** True if a client may control the service that a configuration is of. */
bool access_service(const struct client *client, const struct service_config *config);

/** True if a client may control any service, or start one by its unit file. */
bool access_any(const struct client *client, const struct daemon *daemon);

/** Answer a client that it may not; `config` is the service's that it wants to control, or NULL. */
void access_refuse(struct client *client, const struct service_config *config);

/** What files of a service are to be like; `asked`: those that a request of its owner named. */
struct trust access_trust(
    const struct daemon *daemon, const struct service_config *config, bool asked);

#endif
