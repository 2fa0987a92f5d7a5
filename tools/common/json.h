/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checked access to members of a JSON object that came from the other side.
 *
 * Strings with an embedded zero byte are refused by jansson's parser already, so a string of a
 * parsed object is a C string.
 */
#ifndef SEF_TOOLS_JSON_H
#define SEF_TOOLS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* All return 0; -ENOENT when there is no such member, -EINVAL when it has another type, -ERANGE
 * when it is out of bounds. `*ret` is written only on success. */

/** A string of 1 to `max` bytes; borrowed from `object`. */
__attribute__((warn_unused_result)) int json_get_string(
    const json_t *object, const char *key, size_t max, const char **ret);

/** An integer from `min` to `max`. */
__attribute__((warn_unused_result)) int json_get_integer(
    const json_t *object, const char *key, int64_t min, int64_t max, int64_t *ret);

/** A boolean. */
__attribute__((warn_unused_result)) int json_get_boolean(
    const json_t *object, const char *key, bool *ret);

/** An array of up to `max` strings, as a vector that ends in NULL. The caller frees the vector; the
 * strings are borrowed from `object`. Also -ENOMEM. */
__attribute__((warn_unused_result)) int json_get_strings(
    const json_t *object, const char *key, size_t max, const char ***ret);

/** Set a member to a text of any bytes, see json_text(); none if it is NULL or empty. */
void json_set_text(json_t *object, const char *key, const char *text);

/** Set a member to a number; what is above INT64_MAX becomes negative. */
void json_set_number(json_t *object, const char *key, uint64_t number);

/** Blank the control characters in all strings, so that a terminal can be given them: a path may have any. Does
 * nothing to NULL. */
void json_clean(json_t *json);

/** A JSON string of a text of any bytes: what is not UTF-8 becomes '?'. NULL when memory is out. */
json_t *json_text(const char *text);

#endif
