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

struct daemon;
struct service;

enum { IMAGES_TEXT_MAX = 512 };

/** Choose and make the directory of copies. Returns 0 or a negative errno value, logged. */
__attribute__((warn_unused_result)) int images_init(struct daemon *daemon);

/** Remove the directory if it was made for this daemon alone. */
void images_deinit(struct daemon *daemon);

/** Make an empty file for the copy of an image, named `image`, for a generation of a service, and write its
 * path to `ret`. Returns a descriptor to read and write it, or a negative errno value with nothing left behind. */
__attribute__((warn_unused_result)) int images_create(const struct service *service,
    unsigned generation, const char *image, char ret[static PATH_MAX]);

/** Copy an open file into another, which is empty. Returns 0 or a negative errno value. In any thread. */
__attribute__((warn_unused_result)) int images_copy(int from, int to);

/** Write the rules of an update beside the copy of its image, and the file's path to `ret`. Returns 0, or a
 * negative errno value and the reason in `why`; then the copy is removed. */
__attribute__((warn_unused_result)) int images_rules(const struct service *service,
    unsigned generation, const char *text, char ret[static PATH_MAX],
    char why[static IMAGES_TEXT_MAX]);

/** Open the image of an update. `sent` is the file that a client sent, which stays its own and to which the
 * path must lead, or -1: then the path is opened. `asked`: the owner of the service wants it. Returns a
 * descriptor, or a negative errno value with the reason in `why`. */
__attribute__((warn_unused_result)) int images_open_new(const struct service *service,
    const char *path, int sent, bool asked, char why[static IMAGES_TEXT_MAX]);

/** Open an image for reading: a regular file of bearable size. Returns a descriptor or a negative errno
 * value. */
__attribute__((warn_unused_result)) int images_open(const char *path);

/** Likewise the image that a service runs. */
__attribute__((warn_unused_result)) int images_open_running(const struct service *service);

/** True if two open files have the same contents, and some. In any thread. */
bool images_same(int a, int b);

/** Remove one generation's copy; none is no error. */
void images_remove(const struct daemon *daemon, const char *label, unsigned generation);

/** Remove all copies of a service. */
void images_remove_all(const struct daemon *daemon, const char *label);

#endif
