/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service's record as JSON.
 */
#ifndef SEFD_RECORD_JSON_H
#define SEFD_RECORD_JSON_H

#include <jansson.h>

struct daemon;
struct service;

enum {
    RECORD_VERSION = 1,
    RECORD_SIZE_MAX = 4 << 20, /**< bytes of a file */
    RECORD_TEXT_MAX = 256,
};

/** What the next daemon must know; NULL when memory is out. The caller owns it. */
json_t *record_to_json(const struct service *service);

/** Make a service of a record. Its process, if it is still there, is tracked; its control socket comes with
 * RS_RESUME. Returns 0, or negative errno with the reason in `why`. */
__attribute__((warn_unused_result)) int record_from_json(struct daemon *daemon, const char *label,
    const json_t *record, char why[static RECORD_TEXT_MAX]);

#endif
