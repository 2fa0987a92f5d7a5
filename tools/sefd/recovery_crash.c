/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Crashes as services report them, and the replicas that they leave.
 *
 * Who says that it is the replica is known by the credentials of the kernel and by its session; it is
 * believed only after the instance itself said that it would fork one. Nobody waits for the crashed
 * process, which may write a large core.
 */
#include "recovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sef/sef.h>

#include "channel.h"
#include "daemon.h"
#include "ipc.h"
#include "log.h"
#include "record.h"
#include "recovery_internal.h"
#include "service.h"
#include "update.h"

enum {
    REPLICA_MS = 10000,  /* from a crash to the replica's word, without limit of the start */
    LAST_WORDS_MAX = 64, /* packets of an instance that has ended */
};

void recovery_forget_replica(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    if (recovery->expecting && recovery->replica && getsid(recovery->replica) == service->sid)
        kill(recovery->replica, SIGKILL);
    recovery->expecting = false;
    recovery->replica = 0;
}

/* No replica goes on. If the crashed process has gone too, nobody is left. */
static void no_replica(struct service *service)
{
    recovery_forget_replica(service);
    service->recovery.timer = sd_event_source_disable_unref(service->recovery.timer);
    if (!service->tracked && service->state == SERVICE_RESTARTING)
        service_gone(service);
}

static int on_replica_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    (void) source;
    (void) usec;
    log_error("%s: no replica announced itself", service->label);
    if (service->tracked)
        service_signal(service, SIGKILL);
    no_replica(service);
    return 0;
}

static void record(struct service *service, const struct sef_packet *packet)
{
    struct recovery_crash *last = &service->recovery.last;
    bool silent = last->silent && last->pid == service->pid;
    *last = (struct recovery_crash) { .pid = service->pid,
        .signal = packet->result,
        .pc = packet->error.old_addr,
        .address = packet->error.new_addr,
        .controlled = packet->flags != 0,
        .silent = silent };
    snprintf(last->why, sizeof last->why, "%.120s", packet->text);
    snprintf(last->end, sizeof last->end, "crashed with SIG%s",
        sigabbrev_np(packet->result) ? sigabbrev_np(packet->result) : "RT");
    log_info("%s: process %d %s%s%s", service->label, (int) service->pid, last->end,
        last->why[0] ? ", its state is lost: " : "", last->why);
}

/* Why a replica must not go on, or NULL. */
static const char *refusal(const struct service *service)
{
    const struct recovery *recovery = &service->recovery;
    uint64_t window = (uint64_t) service->daemon->options.crash_window_ms * 1000000;
    if (!recovery_wanted(service) || service->config.policy != SERVICE_POLICY_RESTART)
        return "the policy does not have it go on";
    if (service->config.script)
        return "its recovery script decides";
    if (recovery->replica_ns && daemon_now_ns() - recovery->replica_ns < window)
        return "it crashed again too soon";
    return NULL;
}

static void on_forking(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    unsigned ms = service->config.start_ms ? service->config.start_ms : REPLICA_MS;
    const char *why = refusal(service);
    if (why) {
        snprintf(recovery->last.why, sizeof recovery->last.why, "%s", why);
        log_info("%s: no restart with state: %s", service->label, why);
        return;
    }
    recovery->expecting = true;
    recovery->crashed = service->pid;
    recovery->replica = 0;
    if (daemon_timer(service->daemon, &recovery->timer, ms, on_replica_limit, service) < 0)
        recovery->expecting = false;
}

/* A replica is the instance now: what that means for counters and for who waits for it. */
static void count_replica(struct service *service)
{
    service->recovery.how = RECOVERY_REPLICA;
    service->recovery.replica_ns = daemon_now_ns();
    service->restarts++;
    ipc_restart(service, true);
}

static void adopt(struct service *service, pid_t replica)
{
    struct recovery *recovery = &service->recovery;
    recovery->expecting = false;
    recovery->replica = 0;
    recovery->timer = sd_event_source_disable_unref(recovery->timer);
    service->timer = sd_event_source_disable_unref(service->timer);
    service_untrack(service);
    int r = service_track(service, replica);
    if (r == 0) {
        service->bad_packets = 0;
        count_replica(service);
        /* Before it begins: the next daemon must know that it is the instance. */
        record_write(service);
        r = service_begin(service, SEF_INIT_RESTART, 0);
    }
    if (r < 0) {
        snprintf(service->text, sizeof service->text, "the replica, process %d, cannot go on: %s",
            (int) replica, strerror(-r));
        recovery->how = RECOVERY_REPLICA;
        service_stop(service, SERVICE_FAILED, SIGKILL);
    }
}

bool recovery_may_continue(const struct service *service)
{
    return (service->recovery.abilities & SEF_WIRE_CONTINUES) && !refusal(service);
}

void recovery_continued(struct service *service, pid_t crashed)
{
    struct recovery *recovery = &service->recovery;
    recovery->last = (struct recovery_crash) { .pid = crashed, .end = "crashed without a sefd" };
    count_replica(service);
    recovery_started(service, recovery->abilities);
}

static void on_replica(struct service *service, pid_t sender)
{
    struct recovery *recovery = &service->recovery;
    if (!recovery->expecting || sender == service->pid || getsid(sender) != service->sid) {
        log_debug("%s: process %d is no replica", service->label, (int) sender);
        return;
    }
    adopt(service, sender);
}

static void on_crashed(struct service *service, const struct sef_packet *packet, pid_t sender)
{
    struct recovery *recovery = &service->recovery;
    bool own = sender == service->pid;
    if (packet->state == SEF_CRASHED_REPLICA) {
        on_replica(service, sender);
    } else if (packet->state == SEF_CRASHED_FORKED) {
        if (!recovery->expecting || sender != recovery->crashed)
            return;
        recovery->replica =
            packet->pid > 0 && getsid(packet->pid) == service->sid ? packet->pid : 0;
        if (!recovery->replica)
            no_replica(service);
    } else if (own && service->state == SERVICE_RUNNING) {
        record(service, packet);
        if (service->update)
            update_crashed(service->update);
        if (packet->state == SEF_CRASHED_FORKING)
            on_forking(service);
    }
}

bool recovery_packet(struct service *service, const struct sef_packet *packet, pid_t sender)
{
    switch (packet->type) {
    case RS_PING:
        recovery_pong(service, packet);
        return true;
    case RS_CRASHED:
        on_crashed(service, packet, sender);
        return true;
    case RS_FI:
        log_info("%s: fault: %s", service->label, packet->result == 0 ? "done" : packet->text);
        return true;
    case RS_GCOV:
        coverage_packet(service, packet);
        return true;
    default:
        return false;
    }
}

static void note_end(struct service *service, pid_t pid, const char *end)
{
    struct recovery_crash *last = &service->recovery.last;
    if (last->pid != pid)
        *last = (struct recovery_crash) { .pid = pid };
    if (!last->signal)
        last->signal = service->end_signal;
    snprintf(last->end, sizeof last->end, "%s", end);
}

void recovery_note_end(struct service *service)
{
    note_end(service, service->pid, service->end);
}

/* News of the end may be here before what the instance said last. */
static void read_last_words(struct service *service)
{
    struct sef_packet packet;
    pid_t sender;
    pid_t pid = service->pid; /* what comes after its replica was adopted is that one's */
    for (int i = 0; i < LAST_WORDS_MAX && service->control >= 0 && service->pid == pid; i++) {
        ipc_read_left(service, false);
        int r = channel_receive(service->control, &packet, &sender);
        if (r == 0 && packet.type == RS_CRASHED)
            on_crashed(service, &packet, sender);
        else if (r < 0 && r != -EBADMSG && r != -EPROTONOSUPPORT)
            return;
    }
}

bool recovery_instance_ended(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    pid_t pid = service->pid;
    char end[PROCESS_END_MAX];
    if (service->state != SERVICE_RUNNING || (service->update && update_is_frozen(service->update)))
        return false;
    memcpy(end, service->end, sizeof end);
    read_last_words(service);
    if (service->update)
        return false;
    note_end(service, pid, end);
    if (service->pid != pid)
        return true;
    if (!recovery->expecting || recovery->crashed != pid)
        return false;
    service->timer = sd_event_source_disable_unref(service->timer);
    service->state = SERVICE_RESTARTING;
    return true;
}

void recovery_child_ended(struct daemon *daemon, const siginfo_t *info)
{
    for (struct service *s = daemon->services, *next; s; s = next) {
        next = s->next;
        struct recovery *recovery = &s->recovery;
        if (recovery->last.pid == info->si_pid)
            process_end(info, recovery->last.end);
        if (recovery->expecting && recovery->replica == info->si_pid) {
            log_error("%s: the replica ended before it announced itself", s->label);
            recovery->replica = 0;
            no_replica(s);
        }
    }
}
