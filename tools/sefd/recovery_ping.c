/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pings: a service that answers none for two periods is taken for hung.
 *
 * It is ended by SIGABRT, so that its core shows where it hung and it may go on with its state; one that
 * does not end of that is killed. In an update a service may be frozen, and is not asked.
 */
#include <string.h>

#include <sef/sef.h>

#include "channel.h"
#include "daemon.h"
#include "log.h"
#include "recovery_internal.h"
#include "service.h"

enum { PERIODS = 2 };

static int on_kill_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    (void) source;
    (void) usec;
    log_info("%s: does not end on SIGABRT, killing it", service->label);
    service_signal(service, SIGKILL);
    return 0;
}

static void lost(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    recovery->last = (struct recovery_crash) { .pid = service->pid, .silent = true };
    log_error("%s: process %d did not answer %u pings", service->label, (int) service->pid,
        recovery->unanswered);
    recovery->unanswered = 0;
    service_signal(service, SIGABRT);
    if (daemon_timer(service->daemon, &service->timer, service->daemon->options.stop_ms,
            on_kill_limit, service) < 0)
        service_signal(service, SIGKILL);
}

static void ping(struct service *service)
{
    struct sef_packet packet;
    struct recovery *recovery = &service->recovery;
    channel_packet(&packet, RS_PING);
    packet.endpoint = service->endpoint;
    packet.serial = ++recovery->ping;
    recovery->unanswered++;
    int r = channel_send(service->control, &packet);
    if (r < 0)
        log_debug("%s: ping: %s", service->label, strerror(-r));
}

static int on_period(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    struct recovery *recovery = &service->recovery;
    (void) source;
    (void) usec;
    if (service->state != SERVICE_RUNNING || service->control < 0)
        return 0;
    if (service->update || service->unconfirmed)
        recovery->unanswered = 0;
    else if (recovery->unanswered >= PERIODS) {
        lost(service);
        return 0;
    } else
        ping(service);
    recovery_configured(service);
    return 0;
}

void recovery_pong(struct service *service, const struct sef_packet *packet)
{
    if (packet->serial == service->recovery.ping)
        service->recovery.unanswered = 0;
}

void recovery_configured(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    unsigned ms = service->config.heartbeat_ms;
    if (ms == 0 || service->state != SERVICE_RUNNING)
        recovery->heartbeat = sd_event_source_disable_unref(recovery->heartbeat);
    else if (daemon_timer(service->daemon, &recovery->heartbeat, ms, on_period, service) < 0)
        log_error("%s: no timer for pings", service->label);
}
