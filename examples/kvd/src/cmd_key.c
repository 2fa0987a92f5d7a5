/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Commands on whole keys: DEL, EXISTS, EXPIRE, TTL, DBSIZE, FLUSHALL.
 */
#include "command.h"

void cmd_del(struct server *s, struct conn *c, const struct request *r)
{
    int64_t n = 0;

    for (size_t i = 1; i < r->argc; i++)
        n += store_remove(s, r->argv[i]);
    reply_int(&c->out, n);
}

void cmd_exists(struct server *s, struct conn *c, const struct request *r)
{
    int64_t n = 0;

    for (size_t i = 1; i < r->argc; i++)
        n += store_peek(s, r->argv[i]) != NULL;
    reply_int(&c->out, n);
}

void cmd_expire(struct server *s, struct conn *c, const struct request *r)
{
    struct entry *e = store_peek(s, r->argv[1]);
    int64_t seconds;

    if (!slice_to_int(r->argv[2], &seconds)) {
        reply_error(&c->out, ERR_NOT_INT);
    } else if (seconds > INT64_MAX / 2000) {
        reply_error(&c->out, "ERR invalid expire time in 'expire' command");
    } else if (!e) {
        reply_int(&c->out, 0);
    } else {
        if (seconds > 0)
            e->expires_ms = s->now_ms + seconds * 1000;
        else
            store_remove(s, r->argv[1]);
        reply_int(&c->out, 1);
    }
}

void cmd_ttl(struct server *s, struct conn *c, const struct request *r)
{
    const struct entry *e = store_peek(s, r->argv[1]);

    if (!e)
        reply_int(&c->out, -2);
    else if (e->expires_ms == 0)
        reply_int(&c->out, -1);
    else
        reply_int(&c->out, (e->expires_ms - s->now_ms + 500) / 1000);
}

void cmd_dbsize(struct server *s, struct conn *c, const struct request *r)
{
    (void) r;
    reply_int(&c->out, (int64_t) s->db->count);
}

void cmd_flushall(struct server *s, struct conn *c, const struct request *r)
{
    (void) r;
    table_clear(s->db);
    reply_status(&c->out, "OK");
}
