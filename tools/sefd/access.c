/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who may do what by the control socket; see access.h.
 */
#include "access.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client.h"
#include "config.h"
#include "daemon.h"
#include "log.h"
#include "service.h"
#include "units.h"

bool access_is_master(uid_t uid)
{
    return uid == 0 || uid == geteuid();
}

bool access_all(const struct client *client)
{
    return !client || access_is_master(client_peer(client)->uid);
}

/* The groups that a client had when it connected. */
static bool is_in_group(const struct client *client, gid_t gid)
{
    socklen_t len = 0;
    bool found = client_peer(client)->gid == gid;
    if (found || getsockopt(client_fd(client), SOL_SOCKET, SO_PEERGROUPS, NULL, &len) == 0 ||
        errno != ERANGE)
        return found;
    gid_t *groups = malloc(len);
    if (groups && getsockopt(client_fd(client), SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0) {
        for (size_t i = 0; i < len / sizeof *groups; i++)
            found |= groups[i] == gid;
    }
    free(groups);
    return found;
}

bool access_service(const struct client *client, const struct service_config *config)
{
    return access_all(client) || client_peer(client)->uid == config->uid ||
           (config->gid != CONFIG_NO_GROUP && is_in_group(client, config->gid));
}

bool access_any(const struct client *client, const struct daemon *daemon)
{
    bool may = access_all(client);
    for (const struct service *s = daemon->services; s && !may; s = s->next)
        may = access_service(client, &s->config);
    for (const struct unit *u = daemon->units; u && !may; u = u->next)
        may = access_service(client, &u->config);
    return may;
}

void access_refuse(struct client *client, const struct service_config *config)
{
    char owner[64] = "", group[32] = "";
    if (config && config->gid != CONFIG_NO_GROUP)
        snprintf(group, sizeof group, " and group %u", (unsigned) config->gid);
    if (config && !access_is_master(config->uid))
        snprintf(owner, sizeof owner, ", and its owner, user %u%s,", (unsigned) config->uid, group);
    log_info("refused a request of user %u", (unsigned) client_peer(client)->uid);
    client_refuse(client, EPERM, "only root and the user that runs sefd%s may %s", owner,
        config ? "control it" : "do this");
}

struct trust access_trust(
    const struct daemon *daemon, const struct service_config *config, bool asked)
{
    return (struct trust) { .owner = config->uid,
        .group = config->gid,
        .reads = asked,
        .all = daemon->options.any_images };
}
