/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The commands of version 2, and what it tells about itself.
 */
#include "command.h"

#include <inttypes.h>
#include <string.h>

/* Keys found by TOUCH. */
static uint64_t touched;

static void cmd_touch(struct server *s, struct conn *c, const struct request *r)
{
    int64_t n = 0;

    for (size_t i = 1; i < r->argc; i++)
        n += store_read(s, r->argv[i]) != NULL;
    touched += (uint64_t) n;
    reply_int(&c->out, n);
}

static void cmd_strlen(struct server *s, struct conn *c, const struct request *r)
{
    const struct entry *e = store_read(s, r->argv[1]);

    reply_int(&c->out, e ? e->value_len : 0);
}

static void cmd_getset(struct server *s, struct conn *c, const struct request *r)
{
    cmd_get(s, c, r);
    if (!store_write(s, r->argv[1], r->argv[2]))
        c->out.failed = true;
}

/* FLUSHALL of version 2 takes the counters with it; the row below has another function. */
static void cmd_flushall_counters(struct server *s, struct conn *c, const struct request *r)
{
    s->hits = s->misses = 0;
    touched = 0;
    cmd_flushall(s, c, r);
}

/* CLIENT SETNAME, GETNAME, and what version 1 had. */
static void cmd_client_names(struct server *s, struct conn *c, const struct request *r)
{
    if (slice_is(r->argv[1], "setname") && r->argc == 3) {
        size_t len = r->argv[2].len < sizeof(c->name) ? r->argv[2].len : sizeof(c->name) - 1;
        memcpy(c->name, r->argv[2].data, len);
        c->name[len] = '\0';
        reply_status(&c->out, "OK");
    } else if (slice_is(r->argv[1], "getname")) {
        reply_text(&c->out, c->name);
    } else {
        cmd_client(s, c, r);
    }
}

const struct command kvd_commands[] = {
    { "get", cmd_get, 2, 2 },
    { "set", cmd_set, 3, 0 },
    { "getset", cmd_getset, 3, 3 },
    { "strlen", cmd_strlen, 2, 2 },
    { "incr", cmd_incr, 2, 2 },
    { "del", cmd_del, 2, 0 },
    { "exists", cmd_exists, 2, 0 },
    { "touch", cmd_touch, 2, 0 },
    { "expire", cmd_expire, 3, 3 },
    { "ttl", cmd_ttl, 2, 2 },
    { "dbsize", cmd_dbsize, 1, 1 },
    { "flushall", cmd_flushall_counters, 1, 2 },
    { "ping", cmd_ping, 1, 2 },
    { "echo", cmd_echo, 2, 2 },
    { "quit", cmd_quit, 1, 1 },
    { "select", cmd_select, 2, 2 },
    { "info", cmd_info, 1, 0 },
    { "command", cmd_command, 1, 0 },
    { "config", cmd_config, 2, 0 },
    { "client", cmd_client_names, 2, 0 },
    { 0 },
};

void info_version(struct server *s, struct buffer *text)
{
    buffer_printf(
        text, "keyspace_hits:%" PRIu64 "\r\nkeyspace_misses:%" PRIu64 "\r\n", s->hits, s->misses);
    buffer_printf(text, "touched_keys:%" PRIu64 "\r\nstalls:%" PRIu32 "\r\n", touched, s->n_stalls);
    buffer_printf(text, "total_net_input_bytes:%" PRIu64 "\r\n", s->bytes_in);
    buffer_printf(text, "total_net_output_bytes:%" PRIu64 "\r\n", s->bytes_out);
}

void client_describe(struct server *s, const struct conn *c, struct buffer *text)
{
    static const char *const state_names[] = { "new", "stalled", "open", "draining" };

    buffer_printf(text, "id=%" PRIu64 " name=%s fd=%d via=%s state=%s", c->id, c->name, c->fd,
        c->transport, state_names[c->state]);
    buffer_printf(text, " idle=%" PRId64 " cmd=%s requests=%" PRIu64,
        (s->now_ms - c->active_ms) / 1000, c->last_command, c->requests);
    buffer_printf(text, " in=%" PRIu64 " out=%" PRIu64, c->bytes_in, c->bytes_out);
}
