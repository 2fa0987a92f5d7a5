/* SPDX-License-Identifier: BSD-2-Clause
 *
 * In which order the members of an update get ready.
 *
 * At first all are asked at once. When some are not ready soon, they may be waiting for an answer of one
 * that sleeps already. So the sleepers of their batch are released and asked in the batch after it; if
 * none of the batch got ready, what they wait for is in an earlier one, and they become the first.
 */
#include <string.h>

#include "daemon.h"
#include "log.h"
#include "multi_members.h"
#include "service.h"

enum { STALL_MS = 100 };

static void ask_batch(struct multi *multi);

bool multi_all(const struct multi *multi, enum multi_member_state state)
{
    for (size_t i = 0; i < multi->n; i++) {
        if (multi->members[i].state != state && multi->members[i].state != MEMBER_FINISHED)
            return false;
    }
    return true;
}

static bool is_stuck(const struct multi_member *member)
{
    return member->state == MEMBER_PREPARING;
}

static void release(struct multi_member *member)
{
    update_release(member->update);
    member->state = MEMBER_WAITING;
}

/* Batches from `from` on move back by one. */
static void make_room(struct multi *multi, unsigned from)
{
    for (size_t i = 0; i < multi->n; i++)
        multi->members[i].batch += multi->members[i].batch >= from;
}

/* The stuck ones of the batch go first; those of it that sleep come after them. */
static void split(struct multi *multi)
{
    const unsigned batch = multi->batch;
    make_room(multi, batch + 1);
    for (size_t i = 0; i < multi->n; i++) {
        struct multi_member *member = &multi->members[i];
        if (member->batch != batch || is_stuck(member))
            continue;
        member->batch++;
        if (member->state == MEMBER_READY)
            release(member);
    }
}

/* The whole batch is stuck: all that sleep are released, and it becomes the first. */
static void move_to_front(struct multi *multi)
{
    const unsigned batch = multi->batch + 1;
    make_room(multi, 0);
    for (size_t i = 0; i < multi->n; i++) {
        struct multi_member *member = &multi->members[i];
        if (member->batch == batch)
            member->batch = 0;
        else if (member->state == MEMBER_READY)
            release(member);
    }
    multi->batch = 0;
}

static int on_stall(sd_event_source *source, uint64_t usec, void *data)
{
    struct multi *multi = data;
    bool some_sleep = false, others_sleep = false, some_stuck = false;
    (void) source;
    (void) usec;
    for (size_t i = 0; i < multi->n; i++) {
        const struct multi_member *member = &multi->members[i];
        some_stuck |= is_stuck(member);
        if (member->state == MEMBER_READY)
            *(member->batch == multi->batch ? &some_sleep : &others_sleep) = true;
    }
    if (some_stuck && some_sleep)
        split(multi);
    else if (some_stuck && others_sleep)
        move_to_front(multi);
    ask_batch(multi);
    return 0;
}

static void watch_stall(struct multi *multi)
{
    if (daemon_timer(multi->daemon, &multi->stall, STALL_MS, on_stall, multi) < 0)
        log_error("no timer: the time limit decides");
}

/* Ask those of the current batch that were not; or of the next, if all of it are ready. May be the end of
 * the whole. */
static void ask_batch(struct multi *multi)
{
    bool stuck = false;
    for (size_t i = 0; i < multi->n; i++)
        stuck |= is_stuck(&multi->members[i]);
    multi->depth++;
    for (bool asked = stuck; !asked && !multi->result && multi->batch < multi->n;) {
        for (size_t i = 0; i < multi->n && !multi->result; i++) {
            struct multi_member *member = &multi->members[i];
            if (member->state != MEMBER_WAITING || member->batch > multi->batch)
                continue;
            asked = true;
            member->state = MEMBER_PREPARING;
            int r = update_ask(member->update, 0);
            if (r < 0)
                update_finish(member->update, -r,
                    "the service does not read its control socket: %s", strerror(-r));
        }
        if (!asked)
            multi->batch++;
    }
    if (!multi->result)
        watch_stall(multi);
    multi->depth--;
    multi_settle(multi);
}

void multi_order_begin(struct multi *multi)
{
    ask_batch(multi);
}

void multi_order_ready(struct multi *multi)
{
    ask_batch(multi);
}

void multi_order_end(struct multi *multi)
{
    multi->stall = sd_event_source_disable_unref(multi->stall);
    multi->limit = sd_event_source_disable_unref(multi->limit);
}
