/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Several services updated as one: the queue, the two points where all wait for the last, the result.
 */
#include "multi.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "client.h"
#include "daemon.h"
#include "json.h"
#include "log.h"
#include "multi_members.h"
#include "record.h"
#include "service.h"

enum {
    READY_SLACK_MS = 2000, /* a service that is ready stays so a little longer than all may take */
};

bool multi_exists(const struct daemon *daemon)
{
    return daemon->multi;
}

/* A copy of the request with strings of its own. */
static bool copy_request(struct multi_member *member, const struct update_request *request)
{
    const char *from[] = { request->image, request->expression, request->rules };
    bool done = service_config_set_vector(&member->lists[0], request->blacklists) == 0 &&
                service_config_set_vector(&member->lists[1], request->whitelists) == 0;
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++) {
        member->strings[i] = strdup(from[i]);
        done = done && member->strings[i];
    }
    member->request = *request;
    member->request.file = -1; /* its path tells when it begins */
    member->request.image = member->strings[0];
    member->request.expression = member->strings[1];
    member->request.rules = member->strings[2];
    member->request.blacklists = (const char *const *) member->lists[0];
    member->request.whitelists = (const char *const *) member->lists[1];
    return done;
}

static void free_strings(struct multi_member *member)
{
    for (size_t i = 0; i < sizeof member->strings / sizeof member->strings[0]; i++)
        free(member->strings[i]);
    (void) service_config_set_vector(&member->lists[0], NULL);
    (void) service_config_set_vector(&member->lists[1], NULL);
}

void multi_deinit(struct daemon *daemon)
{
    struct multi *multi = daemon->multi;
    if (!multi)
        return;
    daemon->multi = NULL;
    for (size_t i = 0; i < multi->n; i++) {
        if (multi->members[i].update)
            multi->members[i].update->member = NULL;
        free_strings(&multi->members[i]);
        json_decref(multi->members[i].reply);
    }
    sd_event_source_disable_unref(multi->limit);
    sd_event_source_disable_unref(multi->stall);
    sd_event_source_disable_unref(multi->turns);
    multi_decision_close(multi);
    client_finish(&multi->client, NULL);
    free(multi);
}

/* ---- The queue --------------------------------------------------------------------------- */

static struct multi_member *find(struct multi *multi, const char *label)
{
    for (size_t i = 0; multi && i < multi->n; i++) {
        if (strcmp(multi->members[i].label, label) == 0)
            return &multi->members[i];
    }
    return NULL;
}

static struct multi *create_queue(struct daemon *daemon)
{
    struct multi *multi = calloc(1, sizeof *multi);
    if (!multi)
        return NULL;
    multi->daemon = daemon;
    multi->decision = -1;
    return multi;
}

static int enqueue(
    struct daemon *daemon, const struct service *service, const struct update_request *request)
{
    if (!daemon->multi)
        daemon->multi = create_queue(daemon);
    if (!daemon->multi)
        return ENOMEM;
    struct multi *multi = daemon->multi;
    struct multi_member *member = &multi->members[multi->n];
    *member = (struct multi_member) { .multi = multi };
    snprintf(member->label, sizeof member->label, "%s", service->label);
    if (!copy_request(member, request)) {
        free_strings(member);
        return ENOMEM;
    }
    multi->n++;
    return 0;
}

void multi_queue(
    struct service *service, struct client *client, const struct update_request *request)
{
    struct daemon *daemon = service->daemon;
    struct multi *multi = daemon->multi;
    char why[UPDATE_TEXT_MAX];
    int error = update_refusal(service, why);
    if (error) {
        client_refuse(client, error, "%s", why);
    } else if (multi && multi->running) {
        client_refuse(client, EBUSY, "an update of several services is running");
    } else if (find(multi, service->label)) {
        client_refuse(client, EINVAL, "the service is in the queue already: upd_stop empties it");
    } else if (multi && multi->n == MULTI_MEMBERS_MAX) {
        client_refuse(client, ENOSPC, "the queue is full");
    } else if (enqueue(daemon, service, request) != 0) {
        client_refuse(client, ENOMEM, "out of memory");
    } else {
        struct client *slot;
        client_bind(client, &slot);
        client_finish(&slot, client_reply_new(0, "queued: upd_run updates all that are"));
    }
}

static json_t *describe(const struct multi_member *member)
{
    static const char *const names[] = { "queued", "checking", "waiting", "preparing", "ready",
        "starting", "initialised", "committing", "finished" };
    json_t *object = json_pack("{s:s, s:s, s:s}", "label", member->label, "image",
        member->request.image, "state", names[member->state]);
    if (member->state == MEMBER_FINISHED)
        (void) json_object_set_new(object, "result", json_integer(member->result));
    return object;
}

json_t *multi_status(const struct daemon *daemon)
{
    json_t *array = json_array();
    for (size_t i = 0; daemon->multi && i < daemon->multi->n; i++)
        (void) json_array_append_new(array, describe(&daemon->multi->members[i]));
    return array;
}

/* ---- The end ----------------------------------------------------------------------------- */

/* Whether a member's new version runs: without the decision that is so if its old instance ended. */
static bool is_ahead(const struct multi_member *member)
{
    json_int_t from, now;
    return member->result == 0 &&
           json_unpack(member->reply, "{s:{s:I}, s:I}", "from", "generation", &from, "generation",
               &now) == 0 &&
           now != from;
}

static void set_text(struct multi *multi)
{
    size_t ahead = 0;
    for (size_t i = 0; i < multi->n; i++)
        ahead += is_ahead(&multi->members[i]);
    if (multi->result == 0)
        snprintf(multi->text, sizeof multi->text, "updated %zu services", multi->n);
    else if (multi->decided)
        snprintf(multi->text + strlen(multi->text), sizeof multi->text - strlen(multi->text),
            "; this happened after the decision: %zu services are of the new version, %zu of the "
            "old one",
            ahead, multi->n - ahead);
    else if (ahead)
        snprintf(multi->text + strlen(multi->text), sizeof multi->text - strlen(multi->text),
            "; %zu services are of the new version, because their old instances ended", ahead);
    else
        snprintf(multi->text + strlen(multi->text), sizeof multi->text - strlen(multi->text),
            "; no service was updated");
}

static void conclude(struct multi *multi)
{
    json_t *members = json_array();
    set_text(multi);
    json_t *reply = client_reply_new(multi->result, multi->text);
    for (size_t i = 0; i < multi->n; i++)
        (void) json_array_append(members, multi->members[i].reply);
    (void) json_object_set_new(reply, "members", members);
    log_info("update of %zu services: %s", multi->n, multi->text);
    client_finish(&multi->client, reply);
    multi_deinit(multi->daemon);
}

static int on_settled(sd_event_source *source, void *data)
{
    (void) source;
    multi_settle(data);
    return 0;
}

/* Nobody is told before the next daemon would know as well. */
void multi_settle(struct multi *multi)
{
    if (multi->depth > 0 || !multi_all(multi, MEMBER_FINISHED))
        return;
    if (!records_wait(multi->daemon)) {
        conclude(multi);
    } else if (daemon_turn(multi->daemon, &multi->turns, on_settled, multi) < 0) {
        records_write(multi->daemon);
        conclude(multi);
    }
}

/* The first failure decides what the client hears; all others go on as they were. */
static void fail(struct multi *multi, const char *label, int result, const char *text)
{
    char why[UPDATE_TEXT_MAX];
    if (multi->result)
        return;
    multi->result = result;
    snprintf(multi->text, sizeof multi->text, "%s: %.900s", label, text);
    if (multi->decided)
        return;
    snprintf(why, sizeof why, "given up because of %s", label);
    multi->depth++;
    for (size_t i = 0; i < multi->n; i++) {
        if (multi->members[i].update)
            update_give_up(multi->members[i].update, ECANCELED, why);
        else if (multi->members[i].state == MEMBER_QUEUED)
            multi->members[i].state = MEMBER_FINISHED; /* it was not begun */
    }
    multi->depth--;
    multi_settle(multi);
}

/* After the decision a member that is left behind is updated once more, alone. */
static bool try_again(struct multi_member *member)
{
    struct service *service = service_find(member->multi->daemon, member->label);
    char why[UPDATE_TEXT_MAX];
    int error;
    if (!member->multi->decided || member->again || !service || !service->tracked)
        return false;
    member->again = true;
    struct update *update = update_create(service, &member->request, &error, why);
    if (!update)
        return false;
    update->member = member;
    member->update = update;
    member->state = MEMBER_CHECKING;
    if (error)
        update_finish(update, error, "%s", why);
    else if (!update->check)
        multi_checked(member);
    return true;
}

void multi_finished(struct multi_member *member, int result, json_t *reply)
{
    struct multi *multi = member->multi;
    const char *text = json_string_value(json_object_get(reply, "text"));
    json_decref(member->reply);
    member->reply = reply;
    member->update = NULL;
    member->state = MEMBER_FINISHED;
    member->result = result;
    if (result && try_again(member))
        return;
    multi->depth++;
    if (result)
        fail(multi, member->label, result, text ? text : strerror(result));
    multi->depth--;
    multi_settle(multi);
}

/* ---- The run ----------------------------------------------------------------------------- */

static void start(struct multi_member *member)
{
    struct update *update = member->update;
    if (!update)
        return;
    member->state = MEMBER_STARTING;
    if (update->flags & SEF_LU_PREPARE_ONLY) {
        update_release(update);
        update_finish(update, 0, "was ready");
    } else {
        update_start(update);
    }
}

/* All are ready: those that only were to become so go on, the others start. */
static void start_all(struct multi *multi)
{
    multi_order_end(multi);
    int r = multi_decision_open(multi);
    if (r == 0)
        r = multi_turns_begin(multi, start);
    if (r < 0)
        fail(multi, "sefd", -r, strerror(-r));
}

static bool rest_initialised(const struct multi *multi)
{
    for (size_t i = 0; i < multi->n; i++) {
        if (multi->members[i].state != MEMBER_INITIALISED &&
            multi->members[i].state != MEMBER_FINISHED)
            return false;
    }
    return true;
}

void multi_ready(struct multi_member *member)
{
    struct multi *multi = member->multi;
    member->state = MEMBER_READY;
    if (multi->decided)
        update_start(member->update);
    else if (multi_all(multi, MEMBER_READY))
        start_all(multi);
    else
        multi_order_ready(multi);
}

static void commit(struct multi_member *member)
{
    if (member->state != MEMBER_INITIALISED)
        return;
    member->state = MEMBER_COMMITTING;
    update_commit(member->update);
}

/* It is decided: the members may hear it one after the other, so that others are answered meanwhile. */
static void commit_all(struct multi *multi)
{
    if (multi_turns_begin(multi, commit) == 0)
        return;
    multi->depth++;
    for (size_t i = 0; i < multi->n; i++)
        commit(&multi->members[i]);
    multi->depth--;
    multi_settle(multi);
}

void multi_initialised(struct multi_member *member)
{
    struct multi *multi = member->multi;
    member->state = MEMBER_INITIALISED;
    if (multi->result && !multi->decided)
        return; /* it is being given up */
    if (!multi->decided && !rest_initialised(multi))
        return;
    int r = multi->decided ? 0 : multi_decide(multi);
    if (r < 0)
        fail(multi, "sefd", -r, strerror(-r));
    else
        commit_all(multi);
}

static int on_limit(sd_event_source *source, uint64_t usec, void *data)
{
    struct multi *multi = data;
    (void) source;
    (void) usec;
    struct multi_member *late = NULL; /* rather one that was asked than one that waits for it */
    for (size_t i = 0; i < multi->n; i++) {
        struct multi_member *member = &multi->members[i];
        if (member->state == MEMBER_PREPARING || (member->state == MEMBER_WAITING && !late))
            late = member;
    }
    multi_order_end(multi);
    if (late)
        update_not_ready(late->update);
    return 0;
}

/* The longer of two time limits; 0 is none, and the longest. */
static unsigned longer(unsigned a, unsigned b)
{
    return a == 0 || b == 0 ? 0 : a > b ? a : b;
}

/* All members have the longest time that one has. */
static void share_limits(struct multi *multi)
{
    struct update_request *first = &multi->members[0].request;
    for (size_t i = 1; i < multi->n; i++) {
        first->prepare_ms = longer(first->prepare_ms, multi->members[i].request.prepare_ms);
        first->limit_ms = longer(first->limit_ms, multi->members[i].request.limit_ms);
    }
    multi->prepare_ms = first->prepare_ms;
    for (size_t i = 0; i < multi->n; i++) {
        multi->members[i].request.prepare_ms = first->prepare_ms;
        multi->members[i].request.limit_ms = first->limit_ms;
    }
}

/* Make a member's update. Nothing is disturbed yet. */
static void create(struct multi_member *member)
{
    struct multi *multi = member->multi;
    struct service *service = service_find(multi->daemon, member->label);
    char why[UPDATE_TEXT_MAX] = "no such service any more";
    int error = ENOENT;
    member->request.flags |= SEF_LU_MULTI;
    struct update *update = service ? update_create(service, &member->request, &error, why) : NULL;
    if (!update) {
        fail(multi, member->label, error, why);
        return;
    }
    member->state = MEMBER_CHECKING;
    update->member = member;
    update->ready_ms = multi->prepare_ms ? multi->prepare_ms + READY_SLACK_MS : TIMEOUT_MAX_MS;
    member->update = update;
    if (error)
        update_finish(update, error, "%s", why);
    else if (!update->check)
        multi_checked(member);
}

/* All that there is to update to is good: begin to ask the services. */
static void ask_all(struct multi *multi)
{
    if (multi->prepare_ms &&
        daemon_timer(multi->daemon, &multi->limit, multi->prepare_ms, on_limit, multi) < 0)
        fail(multi, "sefd", ENOMEM, "no timer");
    else
        multi_order_begin(multi);
}

static bool all_checked(const struct multi *multi)
{
    for (size_t i = 0; i < multi->n; i++) {
        if (multi->members[i].state <= MEMBER_CHECKING)
            return false;
    }
    return true;
}

void multi_checked(struct multi_member *member)
{
    struct multi *multi = member->multi;
    if (!multi->decided) {
        member->state = MEMBER_WAITING;
        if (!multi->result && all_checked(multi))
            ask_all(multi);
        return;
    }
    member->state = MEMBER_PREPARING;
    int r = update_ask(member->update, member->request.prepare_ms);
    if (r < 0)
        update_finish(member->update, -r, "%s", strerror(-r));
}

void multi_run(struct daemon *daemon, struct client *client, bool no_block)
{
    struct multi *multi = daemon->multi;
    struct client *slot;
    if (!multi || multi->running) {
        if (multi)
            client_refuse(client, EBUSY, "an update of several services is running");
        else
            client_refuse(client, ENOENT, "nothing is queued: update --batch does that");
        return;
    }
    client_bind(client, no_block ? &slot : &multi->client);
    if (no_block)
        client_finish(&slot, client_reply_new(0, "started"));
    multi->running = true;
    share_limits(multi);
    int r = multi_turns_begin(multi, create);
    if (r < 0)
        fail(multi, "sefd", -r, strerror(-r));
}

size_t multi_stop(struct daemon *daemon)
{
    struct multi *multi = daemon->multi;
    size_t n = multi ? multi->n : 0;
    if (multi && multi->decided)
        return 0;
    if (multi && multi->running)
        fail(multi, "sefctl", EINTR, "stopped by upd_stop");
    else
        multi_deinit(daemon);
    return n;
}
