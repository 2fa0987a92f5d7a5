/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzz target: the bytes of an ELF file through view and table reader, then everything is walked.
 */
#include "fuzz_image.h"
#include "image_walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct magic_arena arena = { 0 };
    struct magic_view view;
    const struct magic_table *table = fuzz_image_read(data, size, &arena, &view);

    if (table)
        image_walk(table);
    magic_arena_deinit(&arena);
    return 0;
}
