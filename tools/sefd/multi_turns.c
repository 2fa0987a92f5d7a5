/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Members of an update one after the other, a turn of the event loop each.
 */
#include "daemon.h"
#include "multi_members.h"

static int on_turn(sd_event_source *source, void *data)
{
    struct multi *multi = data;
    if (multi->result || multi->turn == multi->n)
        return sd_event_source_set_enabled(source, SD_EVENT_OFF);
    multi->depth++;
    multi->step(&multi->members[multi->turn++]);
    multi->depth--;
    multi_settle(multi);
    return 0;
}

int multi_turns_begin(struct multi *multi, void (*step)(struct multi_member *))
{
    multi->step = step;
    multi->turn = 0;
    if (!multi->turns) {
        int r = sd_event_add_defer(multi->daemon->event, &multi->turns, on_turn, multi);
        if (r < 0)
            return r;
    }
    return sd_event_source_set_enabled(multi->turns, SD_EVENT_ON);
}
