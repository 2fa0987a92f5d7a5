/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One live update of one service.
 *
 * Whatever a service does or fails to do, each phase has a time limit, and each end leaves the
 * daemon with exactly one tracked instance or with none and the service recorded as ended. The old
 * instance alone decides between old and new; this side only learns the outcome.
 */
#include "update.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "channel.h"
#include "client.h"
#include "control.h"
#include "daemon.h"
#include "images.h"
#include "log.h"
#include "multi.h"
#include "names.h"
#include "record.h"
#include "rights.h"
#include "service.h"
#include "standby.h"

enum {
    START_GRACE_MS = 1000, /* the old instance keeps the limit itself; then we ask */
    COMMIT_MS = 2000,
    ROLLBACK_MS = 2000,
    LOST_MS = 1000, /* from the loss of the socket to the news of the end */
};

static int on_limit(sd_event_source *source, uint64_t usec, void *data);

void update_destroy(struct update *update)
{
    sd_event_source_disable_unref(update->timer);
    client_finish(&update->client, NULL);
    if (update->check)
        update_check_forget(update->check);
    ipc_filter(update->service, NULL);
    ipc_filters_destroy(update->filters);
    update->service->update = NULL;
    if (update->overdue)
        update->service->unconfirmed = false;
    json_decref(update->findings);
    json_decref(update->diff);
    free(update->from.path);
    free(update->to.path);
    free(update->expression);
    free(update);
}

/* Note the outcome. Returns the reply. */
static json_t *conclude(struct update *update, int result, const char *text)
{
    struct service *service = update->service;
    update_log(update, text);
    json_t *reply = update_reply(update, result, text);
    json_decref(service->last_update);
    service->last_update = json_copy(reply);
    if (update->diff)
        (void) json_object_set(reply, "diff", update->diff);
    record_touch(service);
    return reply;
}

/* Tell everybody that the rollback is not confirmed. The old instance may still commit, because it heard of that
 * first: so the update stays, nobody waits for it, and whoever is left becomes or stays the instance. */
static void let_wait(struct update *update, const char *text)
{
    struct multi_member *member = update->member;
    const int result = update->result;
    json_t *reply = conclude(update, result, text);
    update->overdue = update->service->unconfirmed = true;
    update->member = NULL;
    if (member)
        json_incref(reply);
    ipc_filter(update->service, NULL);
    client_finish(&update->client, reply);
    if (member)
        multi_finished(member, result, reply);
}

void update_finish(struct update *update, int result, const char *format, ...)
{
    struct service *service = update->service;
    char text[UPDATE_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (service->generation != update->to.generation)
        images_remove(service->daemon, service->label, update->to.generation);
    json_t *reply = conclude(update, result, text);
    struct multi_member *member = update->member;
    if (member)
        json_incref(reply);
    ipc_filter(service, NULL); /* before anybody is told */
    client_finish(&update->client, reply);
    update_destroy(update);
    if (member)
        multi_finished(member, result, reply);
}

const char *update_phase_name(enum update_phase phase)
{
    static const char *const names[] = { "prepare", "start", "commit", "rollback", "takeover" };
    return names[phase];
}

void update_enter(struct update *update, enum update_phase phase, unsigned ms)
{
    update->phase = phase;
    client_progress(update->client, json_pack("{s:i, s:s, s:s}", "version", CONTROL_VERSION, "type",
                                        "progress", "phase", update_phase_name(phase)));
    update->timer = sd_event_source_disable_unref(update->timer);
    int r =
        ms == 0 ? 0 : daemon_timer(update->service->daemon, &update->timer, ms, on_limit, update);
    if (r < 0)
        log_error("%s: no timer: %s", update->service->label, strerror(-r));
}

static int send_type(struct update *update, int type)
{
    struct sef_packet packet;
    channel_packet(&packet, type);
    packet.endpoint = update->service->endpoint;
    packet.flags = update->flags;
    return channel_send(update->service->control, &packet);
}

void update_cancel(struct service *service, uint32_t serial)
{
    struct sef_packet packet;
    channel_packet(&packet, RS_LU_PREPARE);
    packet.endpoint = service->endpoint;
    packet.state = SEF_LU_STATE_NULL;
    packet.serial = serial;
    int r = channel_send(service->control, &packet);
    if (r < 0)
        log_error("%s: cannot cancel the preparation: %s", service->label, strerror(-r));
}

void update_stale_reply(struct service *service, const struct sef_packet *packet)
{
    if (packet->result == 0)
        update_cancel(service, packet->serial);
}

/* Ask for the rollback and wait for it; the first cause is what the client will hear. */
__attribute__((format(printf, 3, 4))) static void roll_back(
    struct update *update, int result, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(update->text, sizeof update->text, format, args);
    va_end(args);
    update->result = result;
    int r = send_type(update, RS_LU_ROLLBACK);
    if (r < 0)
        log_error("%s: cannot ask for the rollback: %s", update->service->label, strerror(-r));
    update_enter(update, UPDATE_ROLLBACK, ROLLBACK_MS);
}

/* ---- The outcomes ------------------------------------------------------------------------ */

/* The old instance has ended and no new one will come. */
static void nobody_left(struct update *update)
{
    struct service *service = update->service;
    char old_end[PROCESS_END_MAX];
    memcpy(old_end, service->end, sizeof old_end);
    if (update->child_end[0])
        memcpy(service->end, update->child_end, sizeof service->end);
    if (update->phase == UPDATE_PREPARE)
        update_finish(update, ECHILD, "the service %s while the update was prepared", old_end);
    else
        update_finish(update, ECHILD, "the old instance %s and the new one %s: none is left",
            old_end, update->child_end[0] ? update->child_end : "did not come");
    service_gone(service);
}

/* The old instance has ended and `pid` announced itself as the new one. */
static void adopt(struct update *update, pid_t pid)
{
    struct service *service = update->service;
    char old_end[PROCESS_END_MAX];
    memcpy(old_end, service->end, sizeof old_end);
    if (service_adopt(service, pid, update->to.path) < 0) {
        nobody_left(update);
        return;
    }
    rights_open(service);
    images_remove(service->daemon, service->label, service->previous);
    service->previous = service->generation;
    service->generation = update->to.generation;
    service->updates++;
    recovery_started(service, update->abilities);
    if (update->asr_count >= 0)
        service->config.asr_count = (unsigned) update->asr_count;
    if (!(update->flags & SEF_LU_SELF))
        service->config.image_asked = update->asked;
    standby_renew(service);
    if (!update->member)
        record_write(service); /* before anybody is told; see multi_settle() */
    if (update->commit_sent && update->phase != UPDATE_ROLLBACK)
        update_finish(update, 0,
            update->same_image ? "updated: this image is the one that ran before" : "updated");
    else
        update_finish(update, 0, "updated: the old instance %s, the new one took over", old_end);
}

/* A new instance says that the service is its own. It is believed when the old one has ended: until
 * then it may be any process that got hold of the socket, and the old one may have a last thing to
 * do. */
static void on_claim(struct update *update, const struct sef_packet *packet, pid_t pid)
{
    if (pid == update->service->pid || update->claimant)
        return;
    if (!service_may_be(update->service, pid)) {
        log_error("%s: process %d says that it is the new version, and is not of this service",
            update->service->label, (int) pid);
        return;
    }
    update->abilities = packet->flags;
    if (update->commit_sent)
        update->commit_ns = daemon_now_ns() - update->commit_begin_ns;
    if (update->phase == UPDATE_TAKEOVER) {
        adopt(update, pid);
        return;
    }
    update->claimant = pid;
    if (update->phase == UPDATE_COMMIT)
        update_enter(update, UPDATE_COMMIT, COMMIT_MS);
}

/* The image, and options a line each. */
static int set_request(struct sef_packet *packet, const struct update *update)
{
    char text[3 * PATH_MAX + 64], prealloc[32] = "";
    if (update->prealloc)
        snprintf(prealloc, sizeof prealloc, "\nprealloc=%zu", update->prealloc);
    snprintf(text, sizeof text, "%s%s%s%s%s%s", update->copy, update->rules[0] ? "\nrules=" : "",
        update->rules, prealloc, update->member ? "\ndecision=" : "",
        update->member ? multi_decision(update->member) : "");
    return channel_set_text(packet, text);
}

/* How long a start may take on our side, 0: for ever. */
static unsigned start_ms(const struct update *update)
{
    return update->limit_ms ? update->limit_ms + START_GRACE_MS : 0;
}

void update_start(struct update *update)
{
    struct sef_packet packet;
    if (update->flags & SEF_LU_PREPARE_ONLY) {
        update_cancel(update->service, update->serial);
        update_finish(update, 0, "prepared: the service reached the state, and goes on");
        return;
    }
    /* The new version may come back to another daemon, which must know of it. */
    update->phase = UPDATE_START;
    record_write(update->service);
    channel_packet(&packet, RS_LU_START);
    packet.endpoint = update->service->endpoint;
    packet.flags = update->flags;
    packet.limit_ms = update->limit_ms ? update->limit_ms : UINT32_MAX;
    int r = set_request(&packet, update);
    if (r == 0)
        r = channel_send(update->service->control, &packet);
    if (r < 0) {
        update_cancel(update->service, update->serial);
        update_finish(update, -r, "cannot be started: %s", strerror(-r));
        return;
    }
    update_enter(update, UPDATE_START, start_ms(update));
}

static void on_ready(struct update *update, const struct sef_packet *reply)
{
    if (reply->result != 0)
        update_finish(update, reply->result, "refused by the service: %s",
            reply->text[0] ? reply->text : strerror(reply->result));
    else if (update->member)
        multi_ready(update->member);
    else
        update_start(update);
}

void update_release(struct update *update)
{
    update_cancel(update->service, update->serial);
    ipc_filter(update->service, NULL);
    update->serial = 0; /* a reply that crossed is stale */
}

void update_commit(struct update *update)
{
    if (update->phase == UPDATE_TAKEOVER)
        return; /* the old instance has ended, and the new one comes by itself */
    if (send_type(update, RS_LU_COMMIT) < 0) {
        roll_back(update, EPIPE, "the commit could not be sent");
        return;
    }
    update->commit_sent = true;
    update->commit_begin_ns = daemon_now_ns();
    update_enter(update, UPDATE_COMMIT, COMMIT_MS);
}

bool update_is_member(const struct update *update)
{
    return update->member;
}

bool update_stop(struct update *update, int result, const char *text)
{
    if (update->control_lost || update->phase > UPDATE_COMMIT)
        return false;
    update_give_up(update, result, text);
    return true;
}

void update_give_up(struct update *update, int result, const char *text)
{
    if (update->control_lost)
        return; /* it is ending */
    if (update->phase == UPDATE_PREPARE) {
        if (update->serial)
            update_cancel(update->service, update->serial);
        update_finish(update, result, "%s", text);
    } else if (update->flags & SEF_LU_REHEARSE) {
        update_finish(update, result, "%s", text); /* the service is not in it, and has gone on */
    } else if (update->phase == UPDATE_START || update->phase == UPDATE_COMMIT) {
        roll_back(update, result, "%s", text);
    }
}

static void on_start_reply(struct update *update, const struct sef_packet *reply)
{
    update_set_findings(update, reply);
    update->child = service_may_be(update->service, reply->pid) ? reply->pid : 0;
    update->initialised = reply->result == 0;
    const char *reason = reply->text[0] ? reply->text : strerror(reply->result);
    int len = (int) strcspn(reason, "\n");
    if (update->phase == UPDATE_TAKEOVER) {
        /* The instance ended as soon as it had said so; the other members go on as if it was there. */
        if (update->initialised && update->member)
            multi_initialised(update->member);
        return;
    }
    if (reply->result != 0 && (update->flags & SEF_LU_REHEARSE)) {
        update_finish(update, reply->result, "the new version failed: %.*s", len, reason);
    } else if (reply->result != 0) {
        roll_back(update, reply->result, "the new version failed: %.*s", len, reason);
    } else if (update->flags & SEF_LU_REHEARSE) {
        update_finish(update, 0, "rehearsed");
    } else if (update->member) {
        multi_initialised(update->member);
    } else {
        update_commit(update);
    }
}

static void on_rollback(struct update *update, const struct sef_packet *packet)
{
    const char *reason = packet->text[0] ? packet->text : "the old instance gave no reason";
    if (update->stats.ns_pause == 0)
        update_set_findings(update, packet);
    if (update->phase == UPDATE_ROLLBACK)
        update_finish(update, update->result, "%s", update->text);
    else
        update_finish(update, packet->result ? packet->result : ECANCELED, "rolled back: %.*s",
            (int) strcspn(reason, "\n"), reason);
}

/* ---- Events ------------------------------------------------------------------------------ */

void update_packet(struct update *update, const struct sef_packet *packet, pid_t sender)
{
    enum update_phase phase = update->phase;
    /* Serial 0 is of a service that is not asked now. */
    if (packet->type == RS_LU_PREPARE && (packet->serial != update->serial || !update->serial))
        update_stale_reply(update->service, packet);
    else if (packet->type == RS_LU_PREPARE && phase == UPDATE_PREPARE)
        on_ready(update, packet);
    else if (packet->type == RS_LU_START && packet->serial && packet->serial != update->serial)
        log_debug(
            "%s: dropped the result of a rehearsal that was given up", update->service->label);
    else if (packet->type == RS_LU_START && (phase == UPDATE_START || phase == UPDATE_TAKEOVER))
        on_start_reply(update, packet);
    else if (packet->type == RS_LU_ROLLBACK && phase != UPDATE_PREPARE && phase != UPDATE_TAKEOVER)
        on_rollback(update, packet);
    else if (packet->type == RS_LU_COMMIT && phase != UPDATE_PREPARE)
        on_claim(update, packet, sender);
    else
        log_debug("%s: packet 0x%x out of place in an update", update->service->label,
            (unsigned) packet->type);
}

void update_instance_ended(struct update *update)
{
    if (update->phase == UPDATE_PREPARE || (update->flags & SEF_LU_REHEARSE))
        nobody_left(update);
    else if (update->claimant)
        adopt(update, update->claimant);
    else if (update->control_lost && (!update->child || update->child_end[0]))
        nobody_left(update);
    else if (update->control_lost)
        update_enter(update, UPDATE_TAKEOVER, LOST_MS);
    else if (update->initialised)
        update_enter(update, UPDATE_TAKEOVER, COMMIT_MS);
    else
        update_enter(update, UPDATE_TAKEOVER, start_ms(update));
}

void update_control_lost(struct update *update)
{
    update->control_lost = true;
    if (update->phase == UPDATE_TAKEOVER && (!update->child || update->child_end[0]))
        nobody_left(update);
    else
        update_enter(update, update->phase, LOST_MS);
}

void updates_child_ended(struct daemon *daemon, const siginfo_t *info)
{
    for (struct service *s = daemon->services; s; s = s->next) {
        struct update *update = s->update;
        if (!update || update->child != info->si_pid)
            continue;
        process_end(info, update->child_end);
        if (update->control_lost && update->phase == UPDATE_TAKEOVER)
            nobody_left(update);
        return;
    }
}

void update_not_ready(struct update *update)
{
    const char *name = state_name(update->state);
    char what[UPDATE_TEXT_MAX];
    if (update->state == SEF_LU_STATE_EVAL)
        snprintf(what, sizeof what, "%s was not true", update->expression);
    else if (update->state == SEF_LU_STATE_WORK_FREE)
        snprintf(what, sizeof what, "it did not wait for work");
    else if (name)
        snprintf(what, sizeof what, "it did not reach the state %s", name);
    else
        snprintf(what, sizeof what, "it did not reach state %d", update->state);
    update_cancel(update->service, update->serial);
    update_finish(
        update, EINTR, "the service was not ready within %u ms: %.900s", update->prepare_ms, what);
}

static void roll_back_late(struct update *update)
{
    struct service *service = update->service;
    char text[UPDATE_TEXT_MAX];
    snprintf(text, sizeof text,
        "%.900s; the old instance does not confirm the rollback, and no update can begin until it "
        "does",
        update->text);
    if (update->commit_sent) {
        let_wait(update, text);
    } else {
        service->unconfirmed = true;
        update_finish(update, update->result, "%s", text);
    }
}

static int on_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct update *update = data;
    struct service *service = update->service;
    (void) source;
    (void) usec;
    if (update->phase == UPDATE_TAKEOVER) {
        nobody_left(update);
    } else if (update->phase == UPDATE_COMMIT && update->claimant) {
        log_error("%s: the old instance handed over and stayed, killing it", service->label);
        service_signal(service, SIGKILL);
    } else if (update->control_lost) {
        update_finish(update, EPIPE, "the service closed its control socket");
    } else if (update->phase == UPDATE_PREPARE) {
        update_not_ready(update);
    } else if (update->phase == UPDATE_ROLLBACK) {
        roll_back_late(update);
    } else if (update->flags & SEF_LU_REHEARSE) {
        update_finish(update, EINTR, "the rehearsal did not end within %u ms", update->limit_ms);
    } else if (update->phase == UPDATE_START) {
        roll_back(
            update, EINTR, "the new version was not initialised within %u ms", update->limit_ms);
    } else {
        roll_back(update, EINTR, "the old instance did not hand over within %d ms", COMMIT_MS);
    }
    return 0;
}

bool update_is_frozen(const struct update *update)
{
    return update->phase != UPDATE_PREPARE && !(update->flags & SEF_LU_REHEARSE);
}

void update_crashed(struct update *update)
{
    if (update->flags & SEF_LU_REHEARSE)
        update_finish(update, ERESTART_SEF, "the service crashed during the rehearsal");
    else
        update_give_up(update, ERESTART_SEF, "the service crashed while the update was prepared");
}

void update_abort(struct update *update)
{
    if (!update->control_lost)
        (void) send_type(update, RS_LU_ROLLBACK);
    update_finish(update, ECANCELED, "the service is taken down");
}
