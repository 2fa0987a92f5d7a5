/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The directory of unit files as it was last read.
 *
 * A file with errors changes nothing: what an earlier reading of it said stays in force, and services
 * go on in any case.
 */
#ifndef SEFD_UNITS_H
#define SEFD_UNITS_H

#include <limits.h>

#include <jansson.h>

#include "config.h"
#include "names.h"

struct daemon;
struct daemon_options;

enum { UNITS_MAX = 1024 };

/** A unit that could be read at least once, or not: then config.image is NULL and `error` says why. */
struct unit {
    struct unit *next;
    char label[LABEL_MAX + 1];
    struct service_config config;
    char *text;  /**< of the file, as it was read; NULL: never without errors */
    char *error; /**< the first one of the last reading, or NULL */
};

/** Where unit files are: as the options say, else /etc/sef/units for root, $XDG_CONFIG_HOME/sef/units (or
 * ~/.config/sef/units) for others. Returns 0 or -ENAMETOOLONG. */
__attribute__((warn_unused_result)) int units_dir(
    const struct daemon_options *options, char ret[static PATH_MAX]);

/** Read all files. Errors are logged and, as objects of `file`, `text` and perhaps `line`, added to the
 * array `errors`. Services whose file changed get the new settings. */
void units_load(struct daemon *daemon, json_t *errors);

/** The unit with a label, or NULL. */
struct unit *units_find(const struct daemon *daemon, const char *label);

/** Start the services whose units want it. */
void units_start(struct daemon *daemon);

void units_deinit(struct daemon *daemon);

#endif
