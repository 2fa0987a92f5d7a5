/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The commands of version 1, and what it tells about itself.
 */
#include "command.h"

#include <inttypes.h>

const struct command kvd_commands[] = {
    { "get", cmd_get, 2, 2 },
    { "set", cmd_set, 3, 0 },
    { "incr", cmd_incr, 2, 2 },
    { "del", cmd_del, 2, 0 },
    { "exists", cmd_exists, 2, 0 },
    { "expire", cmd_expire, 3, 3 },
    { "ttl", cmd_ttl, 2, 2 },
    { "dbsize", cmd_dbsize, 1, 1 },
    { "flushall", cmd_flushall, 1, 2 },
    { "ping", cmd_ping, 1, 2 },
    { "echo", cmd_echo, 2, 2 },
    { "quit", cmd_quit, 1, 1 },
    { "select", cmd_select, 2, 2 },
    { "info", cmd_info, 1, 0 },
    { "command", cmd_command, 1, 0 },
    { "config", cmd_config, 2, 0 },
    { "client", cmd_client, 2, 0 },
    { 0 },
};

void info_version(struct server *s, struct buffer *text)
{
    buffer_printf(
        text, "keyspace_hits:%" PRIu32 "\r\nkeyspace_misses:%" PRIu32 "\r\n", s->hits, s->misses);
}

void client_describe(struct server *s, const struct conn *c, struct buffer *text)
{
    static const char *const state_names[] = { "new", "open", "draining" };

    buffer_printf(text, "id=%" PRIu64 " fd=%d via=%s state=%s", c->id, c->fd, c->transport,
        state_names[c->state]);
    buffer_printf(text, " idle=%" PRId64 " cmd=%s requests=%" PRIu32,
        (s->now_ms - c->active_ms) / 1000, c->last_command, c->requests);
}
