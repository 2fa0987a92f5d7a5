/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preflight of an image file. libelf reads the headers, the runtime's own reader the state table.
 */
#include "preflight.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <libelf.h>

#include <magic/table.h>

#define REFUSE(why, ...) (snprintf(why, PREFLIGHT_TEXT_MAX, __VA_ARGS__), -ENOEXEC)

static int check_header(Elf *elf, char *why)
{
    if (elf_kind(elf) != ELF_K_ELF)
        return REFUSE(why, "not an ELF file");
    const char *ident = elf_getident(elf, NULL);
    const Elf64_Ehdr *header = elf64_getehdr(elf);
    if (!ident || !header || ident[EI_DATA] != ELFDATA2LSB || header->e_machine != EM_X86_64)
        return REFUSE(why, "not an ELF file for x86-64");
    if (header->e_type != ET_DYN)
        return REFUSE(
            why, "not linked by sef-cc: ELF type %u instead of a shared object", header->e_type);
    return 0;
}

static int check_table(Elf *elf, char *why)
{
    size_t n = 0, size = 0;
    const Elf64_Phdr *phdrs = elf64_getphdr(elf);
    const char *bytes = elf_rawfile(elf, &size);
    if (!phdrs || !bytes || elf_getphdrnum(elf, &n) != 0)
        return REFUSE(why, "no program headers: %s", elf_errmsg(-1));

    struct magic_view view;
    struct magic_error error = { 0 };
    struct magic_arena arena = { 0 };
    const struct magic_table *table;
    int r = magic_view_init(&view, phdrs, n, bytes, size, MAGIC_VIEW_FILE, &error);
    if (r == 0)
        r = magic_table_read(&view, &arena, &table, &error);
    magic_arena_deinit(&arena);
    if (r != 0)
        return REFUSE(why, "%s", error.text[0] ? error.text : magic_strerror(r));
    return 0;
}

int preflight_check(const char *path, char why[static PREFLIGHT_TEXT_MAX])
{
    if (elf_version(EV_CURRENT) == EV_NONE)
        return REFUSE(why, "libelf: %s", elf_errmsg(-1));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        int r = -errno;
        snprintf(why, PREFLIGHT_TEXT_MAX, "cannot read: %s", strerror(-r));
        return r;
    }
    Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    int r = elf ? check_header(elf, why) : REFUSE(why, "not an ELF file");
    if (r == 0)
        r = check_table(elf, why);
    elf_end(elf);
    close(fd);
    return r;
}
