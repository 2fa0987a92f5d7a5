/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A connection of kvd-check: sends a batch of pipelined requests, compares the replies byte by
 * byte, sends the next.
 */
#ifndef KVD_CHECK_CLIENT_H
#define KVD_CHECK_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "workload.h"

/** Totals of all connections. */
struct tally {
    uint64_t checked;   /**< replies that were right */
    uint64_t wrong;     /**< replies that were not; the connection is given up */
    uint64_t resets;    /**< connections that the server ended, or that timed out */
    uint64_t failed;    /**< connections that could not be made */
    int64_t max_gap_ns; /**< longest time from sending a batch to its last reply */
};

struct client {
    int fd; /**< -1: ended */
    int epoll_fd;
    uint32_t interest;     /**< EPOLL* asked for */
    uint32_t in_flight;    /**< requests of the batch */
    int64_t sent_ns;       /**< when the batch was begun */
    bool proven;           /**< a whole batch was right */
    struct buffer request; /**< of the batch, what is not sent yet */
    struct buffer reply;   /**< of the batch, what has not come yet */
    struct worker worker;
};

/** Monotonic clock. */
int64_t clock_ns(void);

/** Connect and send the first batch of `pipeline` requests. Counts a failure in `t`. */
void client_start(struct client *c, int epoll_fd, const struct sockaddr *addr, socklen_t len,
    struct workload *w, uint32_t pipeline, struct tally *t);
/** The socket is ready: go on. */
void client_ready(struct client *c, struct workload *w, uint32_t pipeline, struct tally *t);
/** Give up a connection whose batch is not answered; counted as a reset. */
void client_time_out(struct client *c, struct tally *t);

#endif
