/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services that run as another user than sefd.
 *
 * Many daemons start as root and then become somebody else. What such a service has to get at is in directories that
 * are sefd's alone: the copy of its next image, rules, and the socket where it finds the next sefd.
 */
#ifndef SEFD_RIGHTS_H
#define SEFD_RIGHTS_H

#include <sys/types.h>

struct service;

/** If a service runs as another user, let others pass, not read, the directories, and connect to the socket where
 * services come back, which knows them by their process. Errors are logged. */
void rights_open(const struct service *service);

/** If a service runs as another user, let its group have a file of ours with these rights (0050, 0040). Returns 0 or
 * negative errno. */
__attribute__((warn_unused_result)) int rights_share(
    const struct service *service, int fd, mode_t rights);

#endif
