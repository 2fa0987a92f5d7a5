/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The requests of the control protocol.
 */
#ifndef SEFD_COMMAND_H
#define SEFD_COMMAND_H

#include <jansson.h>

struct client;
struct daemon;

/** Check a request and run it. The client is answered now or by the operation that it starts; it
 * may be gone on return. */
void command_run(struct daemon *daemon, struct client *client, const json_t *request);

#endif
