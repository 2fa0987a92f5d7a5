/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The new instance's side of an update: from the fork to the commit.
 *
 * Until the commit this process must leave no trace: whatever goes wrong it tells the old instance
 * and ends without running exit handlers or flushing buffers, which are still the old instance's.
 * It owns nothing but its private socket; the supervisor hears of it first after the commit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hooks.h"
#include "sef_internal.h"

static struct {
    const struct sef__inherit *inherit; /**< NULL outside an update */
    pid_t pid;                          /**< of the new instance: its own children are not it */
    pid_t parent;                       /**< the old instance, while it lives */
    const sef_init_info_t *info;        /**< of the initialisation that runs */
    bool reclaim;                       /**< objects of the old version wait to be freed */
    uint64_t enter_time, init_time;
    struct sef_update_stats stats;
} self;

bool sef__update_pending(void)
{
    return self.inherit != NULL;
}

void sef__update_transferred(uint64_t ns)
{
    self.stats.ns_transfer += ns;
}

/* Runs before the exit handlers of the old generation, which were registered earlier. */
static void guard_exit(int status, void *arg)
{
    (void) arg;
    if (sef__update_pending())
        _exit(status);
}

static void enter_phase(int phase)
{
    struct sef_packet packet;

    sef__wire_init(&packet, SEF__LINK_PHASE, OK);
    packet.state = phase;
    sef__wire_send(self.inherit->link, &packet);
}

void sef__update_log(const char *line)
{
    /* Static: a message about a stale pointer comes from a signal handler on a small stack. */
    static struct sef_packet packet;

    sef__wire_init(&packet, SEF__LINK_LOG, OK);
    sef__findings_message(&packet, line);
    sef__wire_send(self.inherit->link, &packet);
}

/* Tell the old instance how it went. Returns OK, or why nobody heard it. */
static int send_result(int result, const char *text)
{
    struct sef_packet packet;

    if (self.init_time)
        self.stats.ns_init = sef__os_now() - self.init_time - self.stats.ns_transfer;
    sef__wire_init(&packet, SEF__LINK_RESULT, result);
    packet.stats = self.stats;
    sef__findings_add(&packet);
    sef__wire_text(&packet, "%s", text);
    return sef__wire_send(self.inherit->link, &packet);
}

_Noreturn static void give_up(int result, const char *text)
{
    send_result(result, text);
    _exit(EXIT_FAILURE);
}

_Noreturn void sef__update_become(struct sef__inherit *inherit)
{
    const uint64_t begin = sef__os_now();
    struct magic_error err = { 0 };
    int r;

    self.inherit = inherit;
    self.pid = getpid();
    self.parent = getppid();
    self.init_time = 0;
    self.info = NULL;
    memset(&self.stats, 0, sizeof(self.stats));
    sef__self.started = false;
    sef__init_reset();
    sef__lu_reset();
    sef__ipc_reset();
    sef__request_reset();
    sef__crash_hold(false);
    sef__os_thaw_new(&inherit->freeze);
    /* It names a handler of the old image, which a transfer would take for a live pointer. */
    memset(&inherit->freeze, 0, sizeof(inherit->freeze));
    if (on_exit(guard_exit, NULL) != 0)
        give_up(ENOMEM, "no memory for an exit handler");
    r = sef__buffer_reserve(inherit->prealloc);
    if (r != OK)
        give_up(r, "no memory for the init buffer");
    r = sef__wishes_pass(inherit, err.text, sizeof(err.text));
    if (r != OK)
        give_up(r, err.text);
    r = magic_image_load(inherit->path, &err);
    if (r != 0)
        give_up(sef__errno_of(r), err.text);
    self.enter_time = sef__os_now();
    self.stats.ns_load = self.enter_time - begin;
    enter_phase(SEF__PHASE_MAIN);
    magic_image_enter();
}

/* Why the initialisation failed: what stood in the transfer's way, or else the callback's own
 * result, which is all that it told. */
static void give_up_init(int result)
{
    const struct st_error *st = st_last_error ? st_last_error() : NULL;
    char text[96];

    if (st && st->code != 0 && st->text[0])
        give_up(result, st->text);
    snprintf(
        text, sizeof(text), "its initialisation returned %d (%s)", result, sef__strerror(result));
    give_up(result, text);
}

/* Wait until the old instance gives up the service: by saying so, or by dying, in which case
 * nobody else is left to serve. */
static void await_go(struct sef__timers *timers, uint64_t *elapsed)
{
    struct sef__go go;
    ssize_t n;

    do
        n = recv(self.inherit->link, &go, sizeof(go), 0);
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    if (n == sizeof(go) && go.magic == SEF__GO_MAGIC) {
        *timers = go.timers;
        *elapsed = 0;
        return;
    }
    if (n != 0 || self.inherit->rehearse)
        _exit(EXIT_FAILURE);
    *timers = self.inherit->timers;
    *elapsed = sef__os_now() - self.inherit->fork_time;
}

static void commit(void)
{
    struct sef__timers timers;
    struct sef_packet packet;
    uint64_t elapsed;

    await_go(&timers, &elapsed);
    close(self.inherit->link);
    self.inherit = NULL;
    self.reclaim = true;
    magic_image_commit();
    sef__os_timers_start(&timers, elapsed);
    sef__wire_init(&packet, RS_LU_COMMIT, OK);
    packet.pid = getpid();
    packet.flags = sef__request_abilities();
    sef__control_send(&packet);
}

bool sef__update_reclaim(void)
{
    /* About 0.3 ms. While the old instance has not ended each page that is written to is copied. */
    enum { PORTION = 2048 };

    if (!self.reclaim || getppid() == self.parent)
        return false;
    self.reclaim = st_reclaim && st_reclaim(PORTION) > 0;
    return self.reclaim;
}

int sef__update_report(int result)
{
    if (result != OK)
        give_up_init(result);
    sef__wishes_drop();
    if (self.info)
        sef__buffer_clean(self.info);
    self.info = NULL;
    result = send_result(OK, "");
    /* An old instance that died meanwhile leaves the service to this one: see await_go(). */
    if (result != OK && result != EPIPE && result != ECONNRESET)
        _exit(EXIT_FAILURE);
    commit();
    return OK;
}

int sef__update_startup(void)
{
    sef_init_info_t info = {
        .flags = self.inherit->flags,
        .rproctab_gid = GRANT_INVALID,
        .endpoint = sef__self.endpoint,
        .old_endpoint = sef__self.endpoint,
        .restarts = sef__self.restarts,
        .copy_flags = SEF_COPY_OLD_TO_NEW,
        .prepare_state = self.inherit->prepare_state,
    };

    if (getpid() != self.pid)
        give_up(ENOTSUP, "the new version forked before sef_startup()");
    self.init_time = sef__os_now();
    self.stats.ns_main = self.init_time - self.enter_time;
    enter_phase(SEF__PHASE_INIT);
    sef__buffer_info(&info);
    self.info = &info;
    sef__process_init(SEF_INIT_LU, &info);
    if (sef__update_pending())
        give_up(EGENERIC, "the init response callback did not report the result");
    sef__self.started = true;
    sef__crash_arm();
    return OK;
}
