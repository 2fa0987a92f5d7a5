/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preflight: refuse an image that cannot work before the running service is disturbed.
 */
#ifndef SEFD_PREFLIGHT_H
#define SEFD_PREFLIGHT_H

enum { PREFLIGHT_TEXT_MAX = 640 };

/** Check that a file is a service image of this machine, with a readable state table of our ABI.
 *
 * The file is untrusted. Returns 0, or a negative errno value and the reason in `why`: -ENOEXEC
 * when it is not a service image, else what could not be read. */
__attribute__((warn_unused_result)) int preflight_check(
    const char *path, char why[static PREFLIGHT_TEXT_MAX]);

#endif
