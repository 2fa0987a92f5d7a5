/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Settings of a service by name: what unit files say on a line each, and requests in "settings".
 *
 * One table knows the name, the values and the member of struct service_config; docs/unit-files.md is
 * its description.
 */
#ifndef SEFD_SETTINGS_H
#define SEFD_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "config.h"

enum { SETTINGS_TEXT_MAX = 512 };

/** True if an object of settings by name has some that name files. */
bool settings_name_files(const json_t *object);

/** Set what `name` says. Returns 0; -ENOENT unknown name, -EINVAL bad value, -ENOMEM; then `why` has
 * the reason and nothing changed. Names that are for unit files alone are unknown without `unit`. */
__attribute__((warn_unused_result)) int settings_apply(struct service_config *config,
    const char *name, const char *value, bool unit, char why[static SETTINGS_TEXT_MAX]);

/** Set what the members of an object say; NULL is empty. Returns as settings_apply(). */
__attribute__((warn_unused_result)) int settings_apply_all(
    struct service_config *config, const json_t *settings, char why[static SETTINGS_TEXT_MAX]);

/** Number of a setting, from 0, to see which were given; -1 for an unknown name. */
int settings_index(const char *name);
int settings_count(void);

/** Whether a setting may be given repeatedly, and adds then. */
bool settings_repeats(const char *name);

/** All settings of a service but its program, as an object of name and value. */
json_t *settings_describe(const struct service_config *config);

#endif
