/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two images compared under the rules of a user.
 */
#ifndef SEF_TOOLS_COMPARE_H
#define SEF_TOOLS_COMPARE_H

#include <jansson.h>

#include "pair/diff.h"

/** One of the two images. Borrowed. */
struct compare_side {
    const char *name; /**< for messages */
    const struct magic_table *table;
    const struct magic_view *view;
};

struct compare {
    struct magic_arena arena;
    struct compare_side old, new;
    const struct st__diff *diff;
};

/** Compare. `rules` are `len` bytes in the language of docs/rules.md, and are not kept.
 *
 * Errors: MAGIC_EINVAL a mistake in the rules, MAGIC_ENOMEM; compare_deinit() is needed nevertheless. */
__attribute__((warn_unused_result)) int compare_init(struct compare *ret, struct compare_side old,
    struct compare_side new, const char *rules, size_t len, struct magic_error *err);
void compare_deinit(struct compare *compare);

/** The result as JSON (docs/diff.md), with up to `max` changes, the weightiest first, and with layouts
 * of types if wanted. NULL when memory is out. */
json_t *compare_json(const struct compare *compare, size_t max, bool layouts);

#endif
