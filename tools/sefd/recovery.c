/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Restarts of services. recovery_crash.c has crashes and replicas, recovery_ping.c pings.
 */
#include "recovery.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sef/sef.h>

#include "access.h"
#include "channel.h"
#include "daemon.h"
#include "log.h"
#include "recovery_internal.h"
#include "server.h"
#include "service.h"

enum {
    PERIODS_MAX = 30, /* between two restarts */
    AT_ONCE_MAX = 10, /* restarts in a row without back-off, if the service has none */
};

bool recovery_wanted(const struct service *service)
{
    return service->config.policy != SERVICE_POLICY_NONE && !service->config.no_restart &&
           !service->daemon->stopping;
}

/* Whether the instance that ended ran long enough to call its end a new one. */
static bool ran_for_a_while(const struct service *service)
{
    uint64_t window = (uint64_t) service->daemon->options.crash_window_ms * 1000000;
    return service->start_ns && daemon_now_ns() - service->start_ns >= window;
}

static unsigned delay_ms(const struct service *service)
{
    unsigned n = service->recovery.in_a_row, periods = PERIODS_MAX;
    if (n == 0 || (service->config.no_backoff && n < AT_ONCE_MAX))
        return 0;
    if (n < 5)
        periods = 1u << n;
    return periods * service->daemon->options.restart_ms;
}

static int on_restart(sd_event_source *source, uint64_t usec, void *data);

/* Restart after the back-off. Always by the timer: who ends a service still has it in its hands. */
static void schedule(struct service *service, unsigned ms)
{
    struct recovery *recovery = &service->recovery;
    service->state = SERVICE_RESTARTING;
    recovery->last.outcome = "is restarted";
    if (ms)
        log_info("%s: is restarted in %u ms", service->label, ms);
    int r = daemon_timer(service->daemon, &recovery->timer, ms, on_restart, service);
    if (r < 0)
        log_error("%s: cannot be restarted: %s", service->label, strerror(-r));
}

static int on_restart(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    struct recovery *recovery = &service->recovery;
    (void) source;
    (void) usec;
    recovery->timer = sd_event_source_disable_unref(recovery->timer);
    int type = recovery->how == RECOVERY_KEEP ? SEF_INIT_RESTART : SEF_INIT_FRESH;
    if (service_launch_again(service, type) < 0) {
        recovery->how = RECOVERY_FRESH;
        schedule(service, delay_ms(service));
        recovery->in_a_row++;
    }
    return 0;
}

/* Leave it to the recovery script. It is called with the label, what happened and the control socket. */
static void run_script(struct service *service)
{
    char script[PATH_MAX], label[LABEL_MAX + 1], event[16], socket[PATH_MAX], why[TRUST_TEXT_MAX];
    char *argv[] = { script, label, event, socket, NULL };
    pid_t pid;
    const struct recovery_crash *last = &service->recovery.last;
    snprintf(script, sizeof script, "%s", service->config.script);
    snprintf(label, sizeof label, "%s", service->label);
    snprintf(event, sizeof event, "%s",
        last->silent   ? "heartbeat"
        : last->signal ? "crash"
                       : "exit");
    snprintf(socket, sizeof socket, "%s", server_path(service->daemon->server));
    const struct service_config *config = &service->config;
    const struct trust trust = access_trust(service->daemon, config, config->files_asked);
    if (trust_program(&trust, script, why) < 0) {
        log_error("%s: recovery script %s: %s", service->label, script, why);
        return;
    }
    int e = posix_spawn(&pid, script, NULL, NULL, argv, environ);
    if (e)
        log_error("%s: recovery script %s: %s", service->label, script, strerror(e));
    else
        log_info("%s: recovery script is process %d", service->label, (int) pid);
}

/* The restart that is next, or RECOVERY_NONE. */
static enum recovery_how next_how(const struct service *service)
{
    const struct recovery *recovery = &service->recovery;
    if (!recovery_wanted(service))
        return RECOVERY_NONE;
    if (recovery->how == RECOVERY_NONE && service->config.policy == SERVICE_POLICY_RESTART &&
        (recovery->abilities & SEF_WIRE_RESTARTS))
        return RECOVERY_KEEP;
    return RECOVERY_FRESH;
}

bool recovery_continue(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    enum recovery_how how = recovery->how;
    bool began = service->state == SERVICE_STARTING || service->state == SERVICE_FAILED;
    recovery_forget_replica(service);
    if (service->state == SERVICE_STOPPING || (began && how == RECOVERY_NONE))
        return false;
    service->relaunched = true;
    if (how == RECOVERY_NONE)
        recovery_note_end(service);
    if (began)
        log_error("%s: restart failed: %.400s", service->label,
            service->state == SERVICE_FAILED ? service->text : service->end);
    if (recovery_wanted(service) && service->config.script && how == RECOVERY_NONE) {
        recovery->last.outcome = "left to the recovery script";
        run_script(service);
        return false;
    }
    recovery->how = next_how(service);
    if (recovery->how == RECOVERY_NONE) {
        recovery->last.outcome = "not restarted";
        return false;
    }
    log_error("%s: process %d %s", service->label, (int) service->pid, service->end);
    if (how == RECOVERY_REPLICA || how == RECOVERY_KEEP) {
        schedule(service, 0);
        return true;
    }
    if (how == RECOVERY_NONE && ran_for_a_while(service))
        recovery->in_a_row = 0;
    service->restarts++;
    schedule(service, delay_ms(service));
    recovery->in_a_row++;
    return true;
}

void recovery_started(struct service *service, int flags)
{
    static const char *const outcomes[] = {
        [RECOVERY_NONE] = NULL,
        [RECOVERY_REPLICA] = "continued with its state",
        [RECOVERY_KEEP] = "restarted with its endpoint",
        [RECOVERY_FRESH] = "started anew",
    };
    struct recovery *recovery = &service->recovery;
    if (recovery->how != RECOVERY_NONE) {
        recovery->last.outcome = outcomes[recovery->how];
        log_info("%s: %s, restart %u", service->label, recovery->last.outcome, service->restarts);
    }
    recovery->how = RECOVERY_NONE;
    recovery->abilities = flags;
    recovery_configured(service);
}

void recovery_stop(struct service *service)
{
    struct recovery *recovery = &service->recovery;
    recovery_forget_replica(service);
    recovery->how = RECOVERY_NONE;
    recovery->timer = sd_event_source_disable_unref(recovery->timer);
    recovery->heartbeat = sd_event_source_disable_unref(recovery->heartbeat);
}

void recovery_signal(struct service *service, int signal)
{
    struct sef_packet packet;
    channel_packet(&packet, RS_SIGNAL);
    packet.endpoint = service->endpoint;
    packet.state = signal;
    if (signal == SIGKILL || service->control < 0 ||
        !(service->recovery.abilities & SEF_WIRE_TAKES_SIGNALS) ||
        channel_send(service->control, &packet) < 0)
        service_signal(service, signal);
}

static json_t *describe_crash(const struct recovery_crash *last)
{
    char text[32];
    json_t *object = json_pack("{s:i, s:s, s:b, s:b}", "pid", (int) last->pid, "end", last->end,
        "controlled", last->controlled, "silent", last->silent);
    if (!object)
        return NULL;
    if (last->signal)
        (void) json_object_set_new(object, "signal", json_integer(last->signal));
    if (last->pc) {
        snprintf(text, sizeof text, "0x%llx", (unsigned long long) last->pc);
        (void) json_object_set_new(object, "pc", json_string(text));
        snprintf(text, sizeof text, "0x%llx", (unsigned long long) last->address);
        (void) json_object_set_new(object, "address", json_string(text));
    }
    if (last->why[0])
        (void) json_object_set_new(object, "state_lost", json_string(last->why));
    if (last->outcome)
        (void) json_object_set_new(object, "outcome", json_string(last->outcome));
    return object;
}

void recovery_describe(const struct service *service, json_t *object)
{
    const struct recovery *recovery = &service->recovery;
    (void) json_object_set_new(
        object, "policy", json_string(service_policy_name(service->config.policy)));
    (void) json_object_set_new(object, "restarts", json_integer(service->restarts));
    if (recovery->last.pid)
        (void) json_object_set_new(object, "last_crash", describe_crash(&recovery->last));
}
