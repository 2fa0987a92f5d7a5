/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coverage: a service is asked to write its profile, and goes on.
 */
#ifndef SEFD_COVERAGE_H
#define SEFD_COVERAGE_H

#include <stdint.h>

#include <systemd/sd-event.h>

struct client;
struct sef_packet;
struct service;

/** Of a service. */
struct coverage {
    struct client *client; /**< waits for the profile, or NULL */
    sd_event_source *limit;
    uint32_t serial; /**< of the last request */
};

/** Ask a service; answers the client when the service did, or TimeoutPrepareSec= has passed. Errors answered:
 * ESRCH the service does not run; EBUSY it was asked already; what it answered; EINTR; EPIPE. */
void coverage_ask(struct service *service, struct client *client);

/** A service answered. */
void coverage_packet(struct service *service, const struct sef_packet *packet);

/** The service's control socket has gone. */
void coverage_end(struct service *service);

#endif
