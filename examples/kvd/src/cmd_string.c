/* SPDX-License-Identifier: BSD-2-Clause
 *
 * GET, SET and INCR.
 */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"

void cmd_get(struct server *s, struct conn *c, const struct request *r)
{
    struct entry *e = store_read(s, r->argv[1]);

    if (e)
        reply_bulk(&c->out, e->value, e->value_len);
    else
        reply_nil(&c->out);
}

struct set_options {
    bool only_new, only_old; /* NX, XX */
    int64_t ttl_ms;          /* 0: none */
};

/* Parse the number of EX (unit 1000) or PX (unit 1). Returns the error, NULL if there is none. */
static const char *parse_ttl(struct slice text, int64_t unit, int64_t *ret)
{
    int64_t n;

    if (!slice_to_int(text, &n))
        return ERR_NOT_INT;
    if (n <= 0 || __builtin_mul_overflow(n, unit, ret) || *ret > INT64_MAX / 2)
        return "ERR invalid expire time in 'set' command";
    return NULL;
}

static const char *parse_set(const struct request *r, struct set_options *ret)
{
    for (size_t i = 3; i < r->argc; i++) {
        const char *error = NULL;
        bool more = i + 1 < r->argc;
        if (slice_is(r->argv[i], "nx"))
            ret->only_new = true;
        else if (slice_is(r->argv[i], "xx"))
            ret->only_old = true;
        else if (slice_is(r->argv[i], "ex") && more && ret->ttl_ms == 0)
            error = parse_ttl(r->argv[++i], 1000, &ret->ttl_ms);
        else if (slice_is(r->argv[i], "px") && more && ret->ttl_ms == 0)
            error = parse_ttl(r->argv[++i], 1, &ret->ttl_ms);
        else
            error = ERR_SYNTAX;
        if (error)
            return error;
    }
    return ret->only_new && ret->only_old ? ERR_SYNTAX : NULL;
}

void cmd_set(struct server *s, struct conn *c, const struct request *r)
{
    struct set_options options = { 0 };
    const char *error = parse_set(r, &options);

    if (error) {
        reply_error(&c->out, error);
        return;
    }
    if (options.only_new || options.only_old) {
        bool exists = store_peek(s, r->argv[1]) != NULL;
        if (options.only_new ? exists : !exists) {
            reply_nil(&c->out);
            return;
        }
    }
    struct entry *e = store_write(s, r->argv[1], r->argv[2]);
    if (!e) {
        reply_error(&c->out, ERR_MEMORY);
        return;
    }
    if (options.ttl_ms > 0)
        e->expires_ms = s->now_ms + options.ttl_ms;
    reply_status(&c->out, "OK");
}

void cmd_incr(struct server *s, struct conn *c, const struct request *r)
{
    struct entry *e = store_peek(s, r->argv[1]);
    int64_t expires_ms = e ? e->expires_ms : 0;
    int64_t n = 0;
    char digits[24];

    if (e && !slice_to_int((struct slice) { e->value, e->value_len }, &n)) {
        reply_error(&c->out, ERR_NOT_INT);
        return;
    }
    if (__builtin_add_overflow(n, 1, &n)) {
        reply_error(&c->out, "ERR increment or decrement would overflow");
        return;
    }
    int len = snprintf(digits, sizeof(digits), "%" PRId64, n);
    e = store_write(s, r->argv[1], (struct slice) { digits, (size_t) len });
    if (!e) {
        reply_error(&c->out, ERR_MEMORY);
        return;
    }
    e->expires_ms = expires_ms;
    reply_int(&c->out, n);
}
