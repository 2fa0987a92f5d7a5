/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bounds-checked access to the bytes of an image by link-time address.
 */
#ifndef MAGIC_VIEW_H
#define MAGIC_VIEW_H

#include <magic/table.h>

/* Longest string a table may hold, with its NUL: keeps the cost of a hostile image, in which every
 * reference leads into one long string, linear. */
#define MAGIC__MAX_STRING 2048

/** `size` file-backed bytes at a link-time address, or NULL if they are not all there. */
const unsigned char *magic__view_bytes(const struct magic_view *view, uint64_t addr, uint64_t size);

/** The string at a link-time address, or NULL if it does not end inside its segment, or is longer
 * than MAGIC__MAX_STRING. Its length in *len. */
const char *magic__view_string(const struct magic_view *view, uint64_t addr, size_t *len);

/** Copy the initial value of [addr, addr + size), zero fill included. Errors: MAGIC_EFAULT. */
int magic__view_read(const struct magic_view *view, uint64_t addr, void *buf, size_t size);

/** True if [addr, addr + size) lies inside one segment, zero fill included. */
int magic__view_has(const struct magic_view *view, uint64_t addr, uint64_t size);

#endif
