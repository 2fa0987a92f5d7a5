/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Replacing the daemon by another program, in the same process.
 *
 * The new program is tried first: with --check it reads its options and the records of services, and ends.
 * Then this process executes it. Listening sockets, services' control sockets and the connection of whoever asked
 * for it stay open over that, and the messages that wait go along in the records: nobody notices.
 */
#ifndef SEFD_REPLACE_H
#define SEFD_REPLACE_H

#include <signal.h>
#include <stdbool.h>

struct client;
struct daemon;

/** What a program finds open that takes another one's place; each -1: nothing. */
struct inherited {
    bool any;
    int control, lock, resume; /**< listening sockets, and the lock of the first */
    int client;                /**< who asked for it */
};

/** Replace the daemon by `image`; answers the client, in the new program if all is well. Errors answered: EBUSY
 * something is under way; EPERM others may write to the file; what the new program or its execution said. */
void replace_begin(struct daemon *daemon, struct client *client, const char *image);

/** A child of the daemon has ended. Returns true if it was the trial of a new program. */
bool replace_child_ended(struct daemon *daemon, const siginfo_t *info);

/** Forget the new program, at the daemon's end. */
void replace_deinit(struct daemon *daemon);

/** Find out what this process inherited from the program before it. */
void replace_inherit(struct inherited *ret);

/** Tell who asked for it that the new program works. */
void replace_done(struct daemon *daemon, int client_fd);

#endif
