/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which files sefd relies on: programs that it or a service runs, and what says how (docs/security.md).
 *
 * A file is trusted if it belongs to root, to the daemon's user or to the owner of the service, and nobody else can
 * write to it. A path is trusted if nobody else can make it lead to another file. It is walked name by name, so that
 * what was looked at is what is opened.
 */
#ifndef SEFD_TRUST_H
#define SEFD_TRUST_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

enum { TRUST_TEXT_MAX = 512 };

/** For whom a file is to be good. */
struct trust {
    uid_t owner; /**< of the service; the daemon's user if there is none */
    gid_t group; /**< whose members control it too, or (gid_t) -1 */
    bool reads;  /**< the owner named the file, and must be able to read it himself */
    bool all;    /**< whoever has written it: --allow-writable-images */
};

/** True if a file, or a directory, belongs to whom `trust` says and nobody else can write to it. `fd` is
 * open to it. A group that has no member but the file's owner is nobody else. */
bool trust_file(const struct trust *trust, const struct stat *st, int fd);

/** Check an open file: a regular one. Returns 0, or negative errno with the reason in `why`. */
__attribute__((warn_unused_result)) int trust_check(
    const struct trust *trust, int fd, char why[static TRUST_TEXT_MAX]);

/** Find and check the regular file that an absolute path leads to. Returns a descriptor that is not open for reading
 * or writing, but good for fstat(), or negative errno with `why` set. */
__attribute__((warn_unused_result)) int trust_find(
    const struct trust *trust, const char *path, char why[static TRUST_TEXT_MAX]);

/** Open the regular file that an absolute path leads to for reading. Returns a descriptor, or negative errno with
 * `why` set. */
__attribute__((warn_unused_result)) int trust_open(
    const struct trust *trust, const char *path, char why[static TRUST_TEXT_MAX]);

/** Check the path of a program that is to be executed. Returns 0, or negative errno with `why` set. */
__attribute__((warn_unused_result)) int trust_program(
    const struct trust *trust, const char *path, char why[static TRUST_TEXT_MAX]);

/** Check a directory that the daemon works in: nobody but root and the daemon's user can write to it, or put another
 * in its place. Returns 0, or negative errno with `why` set. */
__attribute__((warn_unused_result)) int trust_directory(
    const char *path, char why[static TRUST_TEXT_MAX]);

#endif
