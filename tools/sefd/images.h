/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Copies of service images: IMAGES/LABEL/GENERATION/BASENAME.
 *
 * An update runs from a copy so that its path is unique for the generation (libc matches loaded
 * objects by name) and so that what preflight saw is what will be loaded. A copy is a new file
 * always: a file that a service has mapped is never written to.
 */
#ifndef SEFD_IMAGES_H
#define SEFD_IMAGES_H

#include <limits.h>
#include <stdbool.h>

#include "build_id.h"

struct daemon;
struct service;

enum { IMAGES_TEXT_MAX = 512 };

/** Choose and make the directory of copies. Returns 0 or a negative errno value, logged. */
__attribute__((warn_unused_result)) int images_init(struct daemon *daemon);

/** Remove the directory if it was made for this daemon alone. */
void images_deinit(struct daemon *daemon);

/** Copy an image for a generation of a service and write the copy's path to `ret`. Returns 0, or a
 * negative errno value and the reason in `why`; nothing is left behind then. */
__attribute__((warn_unused_result)) int images_copy(const struct daemon *daemon, const char *label,
    unsigned generation, const char *image, char ret[static PATH_MAX],
    char why[static IMAGES_TEXT_MAX]);

/** Likewise of the image that a service runs, whatever became of its file. */
__attribute__((warn_unused_result)) int images_copy_running(const struct service *service,
    unsigned generation, char ret[static PATH_MAX], char why[static IMAGES_TEXT_MAX]);

/** Write the rules of an update beside the copy of its image, and the file's path to `ret`. Returns
 * and `why` as images_copy(). */
__attribute__((warn_unused_result)) int images_rules(const struct daemon *daemon, const char *label,
    unsigned generation, const char *text, char ret[static PATH_MAX],
    char why[static IMAGES_TEXT_MAX]);

/** Write the build ids of the image that a service runs and of another file, "" if not known. */
void images_build_ids(const struct service *service, const char *path,
    char old[static BUILD_ID_MAX], char new[static BUILD_ID_MAX]);

/** Open an image for reading: a regular file of bearable size. Returns a descriptor or a negative errno
 * value. */
__attribute__((warn_unused_result)) int images_open(const char *path);

/** Likewise the image that a service runs. */
__attribute__((warn_unused_result)) int images_open_running(const struct service *service);

/** True if a file has the contents of the image that a service runs. A running image that cannot be
 * read is not the same. */
bool images_same(const struct service *service, const char *path);

/** Remove one generation's copy; none is no error. */
void images_remove(const struct daemon *daemon, const char *label, unsigned generation);

/** Remove all copies of a service. */
void images_remove_all(const struct daemon *daemon, const char *label);

#endif
