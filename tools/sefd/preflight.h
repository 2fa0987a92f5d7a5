/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preflight: refuse what cannot work before the running service is disturbed.
 *
 * Images and rules are untrusted. What depends on live values goes on: only the update can tell.
 */
#ifndef SEFD_PREFLIGHT_H
#define SEFD_PREFLIGHT_H

#include <jansson.h>

enum {
    PREFLIGHT_TEXT_MAX = 960,
    PREFLIGHT_CHANGES_MAX = 1000, /**< in a reply */
};

/** Open files and what the user calls them; all borrowed. */
struct preflight_files {
    int old, new; /**< the running image, negative if it cannot be read, and the other */
    const char *old_name, *new_name;
};

/** Check that a file is a service image of this machine, with a readable state table of our ABI, and
 * that what runs can be updated to it under rules ("": none). In any thread.
 *
 * Shape: `*diff` is what changes, as compare_json() makes it, or NULL when the running image has no
 *   state table that can be read; the caller owns it. It may be set after errors too. `diff` may be
 *   NULL.
 * Errors: a negative errno value and the reason in `why`: -ENOEXEC no service image, -EINVAL a mistake
 *   in the rules, -ENOTSUP a change that no live value would let pass, else what could not be read. */
__attribute__((warn_unused_result)) int preflight(const struct preflight_files *files,
    const char *rules, json_t **diff, char why[static PREFLIGHT_TEXT_MAX]);

#endif
