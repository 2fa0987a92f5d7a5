/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Requests of the Redis protocol: "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", or the line "GET k".
 */
#include "resp.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What is still to be parsed of the input. */
struct cursor {
    const char *at, *end;
};

/* Take a line without its "\r\n" (or "\n"). */
static enum request_status take_line(struct cursor *c, struct slice *ret, const char **error)
{
    const char *newline = memchr(c->at, '\n', (size_t) (c->end - c->at));

    if (!newline && c->end - c->at > RESP_MAX_INLINE) {
        *error = "ERR Protocol error: too big inline request";
        return REQUEST_BAD;
    }
    if (!newline)
        return REQUEST_MORE;
    ret->data = c->at;
    ret->len = (size_t) (newline - c->at);
    if (ret->len > 0 && ret->data[ret->len - 1] == '\r')
        ret->len--;
    c->at = newline + 1;
    return REQUEST_OK;
}

/* Take "<mark><number>\r\n" with 0 <= number <= max; `what` is the complaint otherwise. */
static enum request_status take_count(
    struct cursor *c, char mark, int64_t max, const char *what, int64_t *ret, const char **error)
{
    struct slice line;
    enum request_status status = take_line(c, &line, error);

    if (status != REQUEST_OK)
        return status;
    struct slice digits = { line.data + 1, line.len - 1 };
    if (line.len < 2 || line.data[0] != mark || !slice_to_int(digits, ret) || *ret > max ||
        *ret < 0) {
        *error = what;
        return REQUEST_BAD;
    }
    return REQUEST_OK;
}

static enum request_status take_bulk(struct cursor *c, struct slice *ret, const char **error)
{
    int64_t len;
    enum request_status status =
        take_count(c, '$', RESP_MAX_BULK, "ERR Protocol error: invalid bulk length", &len, error);

    if (status != REQUEST_OK)
        return status;
    if (c->end - c->at < len + 2)
        return REQUEST_MORE;
    ret->data = c->at;
    ret->len = (size_t) len;
    c->at += len + 2;
    return REQUEST_OK;
}

static enum request_status parse_multibulk(
    struct cursor *c, struct request *ret, const char **error)
{
    int64_t argc;
    enum request_status status = take_count(
        c, '*', RESP_MAX_ARGS, "ERR Protocol error: invalid multibulk length", &argc, error);

    ret->argc = 0;
    while (status == REQUEST_OK && ret->argc < (size_t) argc) {
        status = take_bulk(c, &ret->argv[ret->argc], error);
        ret->argc++;
    }
    return status;
}

static enum request_status parse_inline(struct cursor *c, struct request *ret, const char **error)
{
    struct slice line;
    enum request_status status = take_line(c, &line, error);

    if (status != REQUEST_OK)
        return status;
    const char *at = line.data, *end = line.data + line.len;
    ret->argc = 0;
    for (;;) {
        while (at < end && (*at == ' ' || *at == '\t'))
            at++;
        if (at == end || ret->argc == RESP_MAX_ARGS)
            return REQUEST_OK;
        const char *word = at;
        while (at < end && *at != ' ' && *at != '\t')
            at++;
        ret->argv[ret->argc++] = (struct slice) { word, (size_t) (at - word) };
    }
}

enum request_status request_parse(struct buffer *in, struct request *ret, const char **error)
{
    if (buffer_pending(in) == 0)
        return REQUEST_MORE;

    const char *begin = in->data + in->start;
    struct cursor c = { begin, in->data + in->end };
    enum request_status status =
        *begin == '*' ? parse_multibulk(&c, ret, error) : parse_inline(&c, ret, error);
    if (status == REQUEST_OK)
        buffer_consume(in, (size_t) (c.at - begin));
    return status;
}

bool slice_is(struct slice s, const char *word)
{
    return strlen(word) == s.len && strncasecmp(s.data, word, s.len) == 0;
}

bool slice_to_int(struct slice s, int64_t *ret)
{
    bool negative = s.len > 0 && s.data[0] == '-';
    size_t i = negative;
    int64_t value = 0;

    if (s.len == i)
        return false;
    for (; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        int digit = s.data[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *ret = value;
    return true;
}
