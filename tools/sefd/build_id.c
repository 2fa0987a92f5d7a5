/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading of build ids, by libelf.
 */
#include "build_id.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <gelf.h>
#include <libelf.h>

/* Look for the id among the notes of a segment. */
static bool search(Elf_Data *notes, char *ret)
{
    GElf_Nhdr note;
    size_t name, desc, at = 0;
    while (notes && (at = gelf_getnote(notes, at, &note, &name, &desc)) > 0) {
        const unsigned char *bytes = notes->d_buf;
        if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 || note.n_descsz > 64 ||
            memcmp(bytes + name, "GNU", 4) != 0)
            continue;
        for (size_t i = 0; i < note.n_descsz; i++)
            snprintf(ret + 2 * i, 3, "%02x", bytes[desc + i]);
        return true;
    }
    return false;
}

void build_id_read(int fd, char ret[static BUILD_ID_MAX])
{
    ret[0] = '\0';
    if (elf_version(EV_CURRENT) == EV_NONE)
        return;
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    size_t n = 0;
    GElf_Phdr phdr;
    bool found = !elf || elf_getphdrnum(elf, &n) != 0;
    for (size_t i = 0; i < n && !found; i++) {
        if (gelf_getphdr(elf, (int) i, &phdr) && phdr.p_type == PT_NOTE)
            found = search(elf_getdata_rawchunk(elf, (int64_t) phdr.p_offset, phdr.p_filesz,
                               phdr.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR),
                ret);
    }
    elf_end(elf);
}
