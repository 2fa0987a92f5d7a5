/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Touches everything a table promises to be safe, for hostile-input tests and fuzzing.
 */
#ifndef IMAGE_WALK_H
#define IMAGE_WALK_H

#include <magic/table.h>

/* Visit all types with their entries, all entities and all lookups. Returns a checksum, so that no
 * access is optimized away; calls abort() where the table breaks a promise of magic/table.h. */
unsigned image_walk(const struct magic_table *table);

#endif
