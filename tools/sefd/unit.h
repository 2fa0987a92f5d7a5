/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One unit file: its text becomes the configuration of a service (docs/unit-files.md).
 *
 * What it says decides what the daemon runs, so a file that somebody else may write to is not read.
 */
#ifndef SEFD_UNIT_H
#define SEFD_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "config.h"
#include "names.h"

enum {
    UNIT_SIZE_MAX = 65536, /**< bytes of a file */
    UNIT_ERRORS_MAX = 20,  /**< that are told of one file */
};

/** Read a file. Every error adds an object of `file`, `text` and, if it has one, `line` to the array
 * `errors`. Returns 0 and the configuration in `config`, which is initialised; or a negative errno value
 * with `config` as it was. `*text` is the file's text, the caller's to free, on success. */
__attribute__((warn_unused_result)) int unit_read(
    const char *path, struct service_config *config, char **text, json_t *errors);

/** Whether the name of a file, without directories, is that of a unit: LABEL.service or LABEL.unit.
 * Copies the label, of LABEL_MAX bytes at most, to `ret`. Returns 0; -ENOENT it is not; -EINVAL the label
 * is not valid. */
__attribute__((warn_unused_result)) int unit_label(
    const char *name, char ret[static LABEL_MAX + 1]);

/** Add an error; `line` 0: of the whole file. */
void unit_error(json_t *errors, const char *path, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
