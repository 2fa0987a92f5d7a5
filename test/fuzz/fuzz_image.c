/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading what a fuzzer takes for an ELF file: what the tools do by libelf, as far as it matters.
 */
#include "fuzz_image.h"

#include <string.h>

enum { PHDRS_MAX = 32 };

const struct magic_table *fuzz_image_read(
    const uint8_t *data, size_t size, struct magic_arena *arena, struct magic_view *view)
{
    Elf64_Phdr phdrs[PHDRS_MAX];
    const struct magic_table *table;
    struct magic_error err;
    Elf64_Ehdr eh;

    if (size < sizeof(eh))
        return NULL;
    memcpy(&eh, data, sizeof(eh));
    if (eh.e_phnum > PHDRS_MAX || eh.e_phoff > size ||
        eh.e_phnum * sizeof(phdrs[0]) > size - eh.e_phoff)
        return NULL;
    memcpy(phdrs, data + eh.e_phoff, eh.e_phnum * sizeof(phdrs[0]));
    return magic_view_init(view, phdrs, eh.e_phnum, data, size, MAGIC_VIEW_FILE, &err) == 0 &&
                   magic_table_read(view, arena, &table, &err) == 0
               ? table
               : NULL;
}
