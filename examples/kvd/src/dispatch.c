/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a request to its command.
 */
#include <ctype.h>

#include "command.h"

/* Requests without a command, or with a wrong number of arguments. As errno, one a thread: a
 * thread that dispatches counts its own. */
static _Thread_local uint64_t rejected;

uint64_t command_rejected(void)
{
    return rejected;
}

static const struct command *find_command(const struct command *table, struct slice name)
{
    if (name.len == 0)
        return NULL;
    int first = tolower((unsigned char) name.data[0]);
    for (const struct command *row = table; row->name; row++)
        if (row->name[0] == first && slice_is(name, row->name))
            return row;
    return NULL;
}

void command_dispatch(struct server *s, struct conn *c, const struct request *r)
{
    const struct command *command = find_command(s->commands, r->argv[0]);
    int argc = (int) r->argc;

    s->n_commands++;
    c->requests++;
    if (!command) {
        rejected++;
        int len = r->argv[0].len < 64 ? (int) r->argv[0].len : 64;
        buffer_printf(&c->out, "-ERR unknown command '%.*s'\r\n", len, r->argv[0].data);
        return;
    }
    c->last_command = command->name;
    if (argc < command->min_args || (command->max_args > 0 && argc > command->max_args)) {
        rejected++;
        buffer_printf(
            &c->out, "-ERR wrong number of arguments for '%s' command\r\n", command->name);
        return;
    }
    command->run(s, c, r);
}
