/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Listening sockets that the service manager keeps over a crash of the daemon.
 *
 * Who connects meanwhile waits for the next daemon and is not refused. A kept socket has the device and inode of its
 * file in its name: if another file is there by now, nobody could reach it.
 */
#ifndef SEFD_KEPT_H
#define SEFD_KEPT_H

#include "notify.h"

/** Have the manager, if there is one, keep the socket `fd` that listens at `path`. `what` is a word for what it is
 * for. */
void kept_add(const char *what, const char *path, int fd);

/** Take over the socket that listens at `path`. Returns it, or -1 if there is none. */
int kept_take(struct notify_store *store, const char *what, const char *path);

/** Have the manager drop what kept_add() had it keep. To be called while there is the file. */
void kept_remove(const char *what, const char *path);

/** Have the manager drop what nobody took over, and free the store. */
void kept_end(struct notify_store *store);

#endif
