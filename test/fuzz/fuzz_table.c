/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fuzz target: the bytes of an ELF file through view and table reader, then everything is walked.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <magic/table.h>

#include "image_walk.h"

enum { PHDRS_MAX = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Elf64_Phdr phdrs[PHDRS_MAX];
    struct magic_arena arena = { 0 };
    struct magic_error err;
    struct magic_view view;
    const struct magic_table *table;
    Elf64_Ehdr eh;

    if (size < sizeof(eh))
        return 0;
    memcpy(&eh, data, sizeof(eh));
    if (eh.e_phnum > PHDRS_MAX || eh.e_phoff > size ||
        eh.e_phnum * sizeof(phdrs[0]) > size - eh.e_phoff)
        return 0;
    memcpy(phdrs, data + eh.e_phoff, eh.e_phnum * sizeof(phdrs[0]));
    if (magic_view_init(&view, phdrs, eh.e_phnum, data, size, MAGIC_VIEW_FILE, &err) == 0 &&
        magic_table_read(&view, &arena, &table, &err) == 0)
        image_walk(table);
    magic_arena_deinit(&arena);
    return 0;
}
