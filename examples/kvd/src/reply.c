/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Replies of the Redis protocol, appended to a connection's output.
 */
#include <inttypes.h>
#include <string.h>

#include "resp.h"

void reply_status(struct buffer *out, const char *text)
{
    buffer_printf(out, "+%s\r\n", text);
}

void reply_error(struct buffer *out, const char *text)
{
    buffer_printf(out, "-%s\r\n", text);
}

/* Numbers are in every reply: format them by hand. */
static void append_number(struct buffer *out, char mark, int64_t n)
{
    char text[24];
    size_t at = sizeof(text);
    uint64_t rest = n < 0 ? -(uint64_t) n : (uint64_t) n;

    text[--at] = '\n';
    text[--at] = '\r';
    do {
        text[--at] = (char) ('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (n < 0)
        text[--at] = '-';
    text[--at] = mark;
    buffer_append(out, text + at, sizeof(text) - at);
}

void reply_int(struct buffer *out, int64_t n)
{
    append_number(out, ':', n);
}

void reply_bulk(struct buffer *out, const void *data, size_t len)
{
    append_number(out, '$', (int64_t) len);
    buffer_append(out, data, len);
    buffer_append(out, "\r\n", 2);
}

void reply_text(struct buffer *out, const char *text)
{
    reply_bulk(out, text, strlen(text));
}

void reply_nil(struct buffer *out)
{
    buffer_append(out, "$-1\r\n", 5);
}

void reply_array(struct buffer *out, size_t n)
{
    append_number(out, '*', (int64_t) n);
}
