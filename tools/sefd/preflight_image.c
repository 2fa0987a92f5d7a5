/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading of a service image for preflight.
 *
 * The file is read, not mapped: whoever owns it may cut it meanwhile.
 */
#include "preflight_image.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static int read_table(struct preflight_image *image, char *why)
{
    size_t n = 0, size = 0;
    const Elf64_Phdr *phdrs = elf64_getphdr(image->elf);
    const char *bytes = elf_rawfile(image->elf, &size);
    if (!phdrs || !bytes || elf_getphdrnum(image->elf, &n) != 0)
        return REFUSE(why, "no program headers: %s", elf_errmsg(-1));

    struct magic_error error = { 0 };
    int r = magic_view_init(&image->view, phdrs, n, bytes, size, MAGIC_VIEW_FILE, &error);
    if (r == 0)
        r = magic_table_read(&image->view, &image->arena, &image->table, &error);
    if (r != 0)
        return REFUSE(why, "%s", error.text[0] ? error.text : magic_strerror(r));
    return 0;
}

int preflight_image_open(struct preflight_image *image, int fd, char why[static PREFLIGHT_TEXT_MAX])
{
    *image = (struct preflight_image) { 0 };
    if (fd < 0) {
        snprintf(why, PREFLIGHT_TEXT_MAX, "cannot read: %s", strerror(-fd));
        return fd;
    }
    if (elf_version(EV_CURRENT) == EV_NONE)
        return REFUSE(why, "libelf: %s", elf_errmsg(-1));
    image->elf = elf_begin(fd, ELF_C_READ, NULL);
    int r = image->elf ? check_header(image->elf, why) : REFUSE(why, "not an ELF file");
    return r ? r : read_table(image, why);
}

void preflight_image_close(struct preflight_image *image)
{
    magic_arena_deinit(&image->arena);
    elf_end(image->elf);
}

/* One table of dynamic symbols. */
static bool symbols_import(Elf *elf, Elf_Scn *section, const Elf64_Shdr *header, const char *prefix)
{
    const Elf_Data *data = elf_getdata(section, NULL);
    const Elf64_Sym *symbols = data ? data->d_buf : NULL;
    size_t n = symbols ? data->d_size / sizeof *symbols : 0;
    for (size_t i = 0; i < n; i++) {
        const char *name = symbols[i].st_shndx == SHN_UNDEF
                               ? elf_strptr(elf, header->sh_link, symbols[i].st_name)
                               : NULL;
        if (name && strncmp(name, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

bool preflight_image_imports(const struct preflight_image *image, const char *prefix)
{
    for (Elf_Scn *s = elf_nextscn(image->elf, NULL); s; s = elf_nextscn(image->elf, s)) {
        const Elf64_Shdr *header = elf64_getshdr(s);
        if (header && header->sh_type == SHT_DYNSYM &&
            symbols_import(image->elf, s, header, prefix))
            return true;
    }
    return false;
}
