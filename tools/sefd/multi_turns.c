/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Members of an update one after the other, a turn of the event loop each.
 */
#include "daemon.h"
#include "multi_members.h"

static int next_turn(struct multi *multi);

static int on_turn(sd_event_source *source, void *data)
{
    struct multi *multi = data;
    bool planned = false;
    (void) source;
    multi->depth++;
    while (!planned && (!multi->result || multi->decided) && multi->turn < multi->n) {
        multi->step(&multi->members[multi->turn++]);
        planned = next_turn(multi) == 0; /* without memory all go on in this turn */
    }
    multi->depth--;
    multi_settle(multi);
    return 0;
}

static int next_turn(struct multi *multi)
{
    return daemon_turn(multi->daemon, &multi->turns, on_turn, multi);
}

int multi_turns_begin(struct multi *multi, void (*step)(struct multi_member *))
{
    multi->step = step;
    multi->turn = 0;
    return next_turn(multi);
}
