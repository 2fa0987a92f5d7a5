/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A growing byte queue; see buffer.h.
 */
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BUFFER_MIN = 4096,
    BUFFER_KEEP = 256 * 1024, /* an empty buffer larger than this gives its memory back */
};

void buffer_deinit(struct buffer *b)
{
    free(b->data);
    *b = (struct buffer) { 0 };
}

bool buffer_reserve(struct buffer *b, size_t n)
{
    if (b->cap - b->end >= n)
        return true;
    if (b->start > 0) {
        memmove(b->data, b->data + b->start, buffer_pending(b));
        b->end -= b->start;
        b->start = 0;
    }
    if (b->cap - b->end >= n)
        return true;

    size_t cap = b->cap ? b->cap : BUFFER_MIN;
    while (cap - b->end < n)
        cap *= 2;
    char *data = realloc(b->data, cap);
    if (!data)
        return false;
    b->data = data;
    b->cap = cap;
    return true;
}

void buffer_append(struct buffer *b, const void *bytes, size_t n)
{
    if (b->failed || !buffer_reserve(b, n)) {
        b->failed = true;
        return;
    }
    if (n > 0)
        memcpy(b->data + b->end, bytes, n);
    b->end += n;
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    char text[256];
    va_list args;

    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (n < 0 || (size_t) n >= sizeof(text))
        b->failed = true;
    else
        buffer_append(b, text, (size_t) n);
}

void buffer_consume(struct buffer *b, size_t n)
{
    b->start += n;
    if (b->start < b->end)
        return;
    b->start = b->end = 0;
}
