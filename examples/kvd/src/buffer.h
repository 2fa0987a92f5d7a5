/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A growing byte queue: bytes are appended at the end and consumed at the start.
 *
 * Every connection has two. Running out of memory is remembered in the buffer, so that replies
 * can be written without a check after each; the connection is closed when one has failed.
 */
#ifndef KVD_BUFFER_H
#define KVD_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *data;        /**< `cap` bytes, owned; NULL while cap is 0 */
    size_t start, end; /**< the queued bytes are data[start] .. data[end - 1] */
    size_t cap;
    bool failed; /**< an append found no memory; nothing is appended any more */
};

static inline size_t buffer_pending(const struct buffer *b)
{
    return b->end - b->start;
}

/** Free the memory. The buffer is empty and usable afterwards. */
void buffer_deinit(struct buffer *b);

/** Make room for `n` bytes behind the queued ones. Moves data. Returns false without memory. */
bool buffer_reserve(struct buffer *b, size_t n);

/** Append `n` bytes, or mark the buffer as failed. */
void buffer_append(struct buffer *b, const void *bytes, size_t n);

/** Append formatted text (at most 255 bytes), or mark the buffer as failed. */
void buffer_printf(struct buffer *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Drop `n` bytes from the start; pointers into the buffer stay valid until the next append. */
void buffer_consume(struct buffer *b, size_t n);

#endif
