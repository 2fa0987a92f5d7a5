/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coverage profiles, on request.
 */
#include "coverage.h"

#include <errno.h>
#include <string.h>

#include <sef/wire.h>

#include "channel.h"
#include "client.h"
#include "daemon.h"
#include "service.h"

static void answer(struct service *service, int result, const char *text)
{
    service->coverage.limit = sd_event_source_disable_unref(service->coverage.limit);
    json_t *reply = client_reply_new(result, text);
    if (reply)
        (void) json_object_set_new(reply, "label", json_string(service->label));
    client_finish(&service->coverage.client, reply);
}

static int on_limit(sd_event_source *source, uint64_t usec, void *data)
{
    (void) source;
    (void) usec;
    answer(data, EINTR, "the service was not at a quiescent point in time");
    return 0;
}

void coverage_ask(struct service *service, struct client *client)
{
    struct coverage *coverage = &service->coverage;
    struct sef_packet packet;
    if (service->state != SERVICE_RUNNING || service->control < 0) {
        client_refuse(client, ESRCH, "the service is %s, or closed its control socket",
            service_state_name(service));
        return;
    }
    if (coverage->client) {
        client_refuse(client, EBUSY, "the service was asked for its profile already");
        return;
    }
    channel_packet(&packet, RS_GCOV);
    packet.endpoint = service->endpoint;
    packet.serial = ++coverage->serial;
    int r = channel_send(service->control, &packet);
    if (r == 0 && service->config.prepare_ms)
        r = daemon_timer(
            service->daemon, &coverage->limit, service->config.prepare_ms, on_limit, service);
    if (r < 0)
        client_refuse(client, -r, "the service cannot be asked: %s", strerror(-r));
    else
        client_bind(client, &coverage->client);
}

void coverage_packet(struct service *service, const struct sef_packet *packet)
{
    if (packet->serial != service->coverage.serial)
        return; /* nobody waits for it any more */
    if (packet->result == 0)
        answer(service, 0, "wrote its profile");
    else if (packet->result == ENOSYS)
        answer(service, ENOSYS, "was not built with coverage");
    else
        answer(service, packet->result > 0 ? packet->result : EPROTO,
            packet->text[0] ? packet->text : "cannot write its profile");
}

void coverage_end(struct service *service)
{
    service->coverage.serial++; /* its answer may wait in another socket */
    answer(service, EPIPE, "the service ended, or closed its control socket");
}
