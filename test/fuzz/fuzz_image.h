/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading what a fuzzer takes for an ELF file.
 */
#ifndef FUZZ_IMAGE_H
#define FUZZ_IMAGE_H

#include <magic/table.h>

/* The state table of a file, or NULL. `view` looks at the bytes, which must stay. */
const struct magic_table *fuzz_image_read(
    const uint8_t *data, size_t size, struct magic_arena *arena, struct magic_view *view);

#endif
