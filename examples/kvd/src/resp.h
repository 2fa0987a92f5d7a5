/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RESP2, the Redis protocol: requests in, replies out.
 *
 * A request is parsed in place: its arguments point into the connection's input buffer and are
 * valid until more is read into that buffer.
 */
#ifndef KVD_RESP_H
#define KVD_RESP_H

#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

enum {
    RESP_MAX_ARGS = 1024,
    RESP_MAX_BULK = 64 * 1024 * 1024, /**< bytes of one argument */
    RESP_MAX_INLINE = 64 * 1024,      /**< bytes of a line */
};

/** Bytes owned by somebody else; not terminated. */
struct slice {
    const char *data;
    size_t len;
};

struct request {
    size_t argc; /**< 0: an empty line, to be ignored */
    struct slice argv[RESP_MAX_ARGS];
};

enum request_status {
    REQUEST_OK,   /**< parsed and consumed */
    REQUEST_MORE, /**< incomplete; nothing consumed */
    REQUEST_BAD,  /**< protocol error; the stream is lost */
};

/** Parse one request, multi-bulk or inline, and consume it from `in`.
 * `*error` is a static text, set with REQUEST_BAD only. */
enum request_status request_parse(struct buffer *in, struct request *ret, const char **error);

/** Does the slice equal `word`, ASCII case ignored? */
bool slice_is(struct slice s, const char *word);
/** Read a whole slice as a signed decimal number. False if it is not one, or too large. */
bool slice_to_int(struct slice s, int64_t *ret);

void reply_status(struct buffer *out, const char *text); /**< "+OK" */
void reply_error(struct buffer *out, const char *text);  /**< "-ERR ..." */
void reply_int(struct buffer *out, int64_t n);
void reply_bulk(struct buffer *out, const void *data, size_t len);
void reply_text(struct buffer *out, const char *text); /**< a terminated string as bulk */
void reply_nil(struct buffer *out);
void reply_array(struct buffer *out, size_t n); /**< n replies follow */

#endif
