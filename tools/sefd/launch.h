/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Starting the first instance of a service.
 */
#ifndef SEFD_LAUNCH_H
#define SEFD_LAUNCH_H

#include <stddef.h>
#include <sys/types.h>

enum { LAUNCH_TEXT_MAX = 512 };

/** What to start. All borrowed. */
struct launch_request {
    const char *image;       /**< absolute path */
    const char *resume;      /**< where it will find the next daemon */
    const char *cwd;         /**< absolute path */
    const char *const *argv; /**< ends in NULL; the first names the program */
    const char *const *envp; /**< ends in NULL */
};

/** Start a service in a session of its own with default signal handling, standard input from
 * /dev/null, the daemon's standard output and error, and `control` as descriptor 3, named in
 * SEF_CONTROL_FD.
 *
 * Waits until the program runs or could not be executed. Returns 0 and the process id; or a
 * negative errno value and what could not be done in `why`. */
__attribute__((warn_unused_result)) int launch_service(const struct launch_request *request,
    int control, pid_t *ret, char why[static LAUNCH_TEXT_MAX]);

#endif
