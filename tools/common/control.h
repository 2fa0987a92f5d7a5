/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Framing of the control protocol between sefctl and sefd (docs/control-protocol.md).
 *
 * A frame is the length of its payload, 4 bytes, little-endian, and the payload: one JSON object in
 * UTF-8. Both ends bound what they take before they allocate, and parse only complete frames.
 */
#ifndef SEF_TOOLS_CONTROL_H
#define SEF_TOOLS_CONTROL_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include <jansson.h>

enum {
    CONTROL_VERSION = 1,
    CONTROL_HEADER_SIZE = 4,
    CONTROL_REQUEST_MAX = 1 << 20, /**< bytes of a request's payload */
    CONTROL_REPLY_MAX = 4 << 20,   /**< bytes of a reply's payload */
};

/** Collects one frame from a stream. All zero but `max` is ready to use. */
struct control_reader {
    size_t max;  /**< largest payload taken, bytes */
    size_t have; /**< bytes collected, header included */
    size_t need; /**< payload bytes announced; valid from CONTROL_HEADER_SIZE on */
    unsigned char header[CONTROL_HEADER_SIZE];
    char *payload;    /**< owned; `need` bytes once the header is complete */
    size_t allocated; /**< bytes of `payload`; grows with what arrived */
};

/** Release what a reader collected; it is then ready for the next frame. */
void control_reader_deinit(struct control_reader *reader);

/** Read from a socket what is there, up to the end of the frame.
 *
 * Shape: `fd` may be blocking or not. Returns 1 when the frame is complete, 0 when more is needed
 *   (blocking sockets: call again), or a negative errno value: -EAGAIN nothing there, -ECONNRESET
 *   the peer closed in mid-frame, -ENODATA it closed before the first byte, -EMSGSIZE announced
 *   more than `max` or nothing, -ENOMEM, or what recv() said. */
__attribute__((warn_unused_result)) int control_reader_fill(struct control_reader *reader, int fd);

/** Likewise, and take the descriptor that was sent along, if any: into `*file`, which the caller owns, unless it holds
 * one already. Further ones are closed. With NULL the kernel drops all. */
__attribute__((warn_unused_result)) int control_reader_fill_file(
    struct control_reader *reader, int fd, int *file);

/** Parse a complete frame. Returns 0, or -EBADMSG when it is not one JSON object, with the reason
 * in `why` (JSON_ERROR_TEXT_LENGTH bytes). The caller owns `*ret`. */
__attribute__((warn_unused_result)) int control_reader_parse(
    const struct control_reader *reader, json_t **ret, char *why);

/** Make a frame of a JSON object. The caller frees `*ret`, of `*len` bytes. Returns 0, -ENOMEM, or
 * -EMSGSIZE when the payload passes `max`. */
__attribute__((warn_unused_result)) int control_frame(
    const json_t *object, size_t max, unsigned char **ret, size_t *len);

/** Write the default runtime directory to `buf`: $XDG_RUNTIME_DIR/sef when that is set, else
 * /run/sef. Returns 0 or -ENAMETOOLONG. */
__attribute__((warn_unused_result)) int control_runtime_dir(char buf[static PATH_MAX]);

/** Fill in a socket address for a path. Returns 0 or -ENAMETOOLONG. */
__attribute__((warn_unused_result)) int control_address(const char *path, struct sockaddr_un *ret);

#endif
