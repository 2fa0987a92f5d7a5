/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The weather station's connections: what all versions share.
 *
 * A version defines struct conn in its station.h, with the members fd, used, line and link, and
 * serves the lines that arrive.
 */
#ifndef STATION_NET_H
#define STATION_NET_H

#include <stddef.h>

/** A list that runs through what it holds: each element has a link. */
struct link {
    struct link *prev, *next;
};

#define CONTAINER_OF(at, type, member) ((type *) ((char *) (at) - offsetof(type, member)))

struct conn;

extern struct link conns; /**< the head of all connections */
extern unsigned n_conns;

/** Listen on a free port of this machine and write its number to a file. Returns 0 or an errno value. */
int net_init(const char *port_file);

/** Wait for clients, once, and serve them. */
void net_turn(void);

/** Send a line. A client that does not read loses it. */
__attribute__((format(printf, 2, 3))) void say(struct conn *c, const char *format, ...);

/** Of the version: a connection began; a line came. */
void greet(struct conn *c);
void serve(struct conn *c, char *line);

#endif
