/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Flow control of a connection: each version has its own (flow.c).
 */
#ifndef KVD_FLOW_H
#define KVD_FLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server.h"

/** Note that `n` bytes were received or sent. */
void flow_received(struct server *s, struct conn *c, size_t n);
void flow_sent(struct server *s, struct conn *c, size_t n);
/** May the next request be run now? */
bool flow_may_run(struct server *s, struct conn *c);
/** After sending: may requests be run again that could not before? */
bool flow_resumed(struct conn *c);
/** The EPOLL* events the connection waits for. */
uint32_t flow_interest(const struct conn *c);

#endif
