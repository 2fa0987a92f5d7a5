/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Commands on the connection and the server: PING, INFO, CONFIG, CLIENT and the like.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "net.h"
#include "version.h"

void cmd_ping(struct server *s, struct conn *c, const struct request *r)
{
    (void) s;
    if (r->argc == 1)
        reply_status(&c->out, "PONG");
    else
        reply_bulk(&c->out, r->argv[1].data, r->argv[1].len);
}

void cmd_echo(struct server *s, struct conn *c, const struct request *r)
{
    (void) s;
    reply_bulk(&c->out, r->argv[1].data, r->argv[1].len);
}

void cmd_quit(struct server *s, struct conn *c, const struct request *r)
{
    (void) s, (void) r;
    reply_status(&c->out, "OK");
    c->state = CONN_DRAINING;
}

void cmd_select(struct server *s, struct conn *c, const struct request *r)
{
    (void) s;
    if (slice_is(r->argv[1], "0"))
        reply_status(&c->out, "OK");
    else
        reply_error(&c->out, "ERR DB index is out of range");
}

/* COMMAND, COMMAND DOCS ...: clients ask, and take an empty answer for "unknown". */
void cmd_command(struct server *s, struct conn *c, const struct request *r)
{
    int64_t n = 0;

    while (s->commands[n].name)
        n++;
    if (r->argc > 1 && slice_is(r->argv[1], "count"))
        reply_int(&c->out, n);
    else
        reply_array(&c->out, 0);
}

/* Reply with `text` as a bulk string and free it. */
static void reply_document(struct conn *c, struct buffer *text)
{
    c->out.failed |= text->failed;
    reply_bulk(&c->out, text->data ? text->data + text->start : "", buffer_pending(text));
    buffer_deinit(text);
}

void cmd_info(struct server *s, struct conn *c, const struct request *r)
{
    struct buffer text = { 0 };

    (void) r;
    buffer_printf(
        &text, "# Server\r\nkvd_version:%s\r\nprocess_id:%d\r\n", KVD_VERSION, (int) getpid());
    buffer_printf(&text, "uptime_in_seconds:%" PRId64 "\r\nexpiry_policy:%s\r\n",
        (s->now_ms - s->started_ms) / 1000, s->expiry->name);
    buffer_printf(&text, "# Clients\r\nconnected_clients:%" PRIu32 "\r\n", s->n_conns);
    buffer_printf(&text, "# Stats\r\ntotal_commands_processed:%" PRIu64 "\r\n", s->n_commands);
    buffer_printf(&text, "rejected_commands:%" PRIu64 "\r\ndropped_connections:%" PRIu64 "\r\n",
        command_rejected(), conn_dropped());
    buffer_printf(&text, "expired_keys:%" PRIu64 "\r\n", store_expired());
    info_version(s, &text);
    buffer_printf(&text, "# Keyspace\r\ndb0:keys=%zu\r\n", s->db->count);
    reply_document(c, &text);
}

/* CONFIG GET of what redis-benchmark asks for, CONFIG SET track-hits yes|no. */
void cmd_config(struct server *s, struct conn *c, const struct request *r)
{
    static const char *const known[][2] = { { "save", "" }, { "appendonly", "no" } };

    (void) s;
    if (slice_is(r->argv[1], "set") && r->argc == 4 && slice_is(r->argv[2], "track-hits")) {
        store_track_hits(slice_is(r->argv[3], "yes"));
        reply_status(&c->out, "OK");
        return;
    }
    if (!slice_is(r->argv[1], "get") || r->argc != 3) {
        reply_error(&c->out, "ERR unknown CONFIG subcommand or parameter");
        return;
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (slice_is(r->argv[2], known[i][0])) {
            reply_array(&c->out, 2);
            reply_text(&c->out, known[i][0]);
            reply_text(&c->out, known[i][1]);
            return;
        }
    }
    reply_array(&c->out, 0);
}

void cmd_client(struct server *s, struct conn *c, const struct request *r)
{
    struct buffer text = { 0 };

    if (slice_is(r->argv[1], "id")) {
        reply_int(&c->out, (int64_t) c->id);
    } else if (slice_is(r->argv[1], "list")) {
        for (const struct conn *each = s->conns; each; each = each->next) {
            client_describe(s, each, &text);
            buffer_append(&text, "\n", 1);
        }
        reply_document(c, &text);
    } else {
        reply_error(&c->out, "ERR unknown CLIENT subcommand");
    }
}
