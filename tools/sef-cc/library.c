/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading a shared library; see library.h. Bounds are checked: a message about a broken file is the
 * linker's to give.
 */
#include "library.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_SCRIPT 65536

/** A file in memory. */
struct image {
    char *bytes;
    size_t size;
};

/** The bytes of a part of the file, or NULL if it reaches past the end or lies askew. */
static const void *part(const struct image *image, Elf64_Off offset, Elf64_Xword size)
{
    if (offset > image->size || size > image->size - offset || offset % 8)
        return NULL;
    return image->bytes + offset;
}

static const Elf64_Shdr *section_headers(const struct image *image, const Elf64_Ehdr *header)
{
    if (header->e_shentsize != sizeof(Elf64_Shdr))
        return NULL;
    return part(image, header->e_shoff, (Elf64_Xword) header->e_shnum * sizeof(Elf64_Shdr));
}

/** Append the names of a symbol table whose strings are in the section `strings`. */
static bool add_symbols(const struct image *image, const Elf64_Shdr *table,
    const Elf64_Shdr *strings, struct argv_list *names)
{
    const Elf64_Sym *symbols = part(image, table->sh_offset, table->sh_size);
    char *text;

    if (strings->sh_offset > image->size || strings->sh_size > image->size - strings->sh_offset)
        return false;
    text = image->bytes + strings->sh_offset;
    if (!symbols || strings->sh_size == 0 || text[strings->sh_size - 1])
        return false;
    for (size_t i = 1; i < table->sh_size / sizeof(*symbols); i++) {
        if (symbols[i].st_name >= strings->sh_size)
            return false;
        if (ELF64_ST_BIND(symbols[i].st_info) != STB_LOCAL)
            argv_push(names, text + symbols[i].st_name);
    }
    return true;
}

static enum library_kind read_elf(const struct image *image, struct argv_list *names)
{
    const Elf64_Ehdr *header = part(image, 0, sizeof(*header));
    const Elf64_Shdr *sections;

    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64)
        return LIBRARY_BROKEN;
    if (header->e_type != ET_DYN)
        return LIBRARY_OTHER;
    sections = section_headers(image, header);
    for (unsigned i = 0; sections && i < header->e_shnum; i++) {
        const Elf64_Shdr *table = &sections[i];

        if (table->sh_type != SHT_DYNSYM)
            continue;
        if (table->sh_link >= header->e_shnum ||
            !add_symbols(image, table, &sections[table->sh_link], names))
            return LIBRARY_BROKEN;
        return LIBRARY_READ;
    }
    return LIBRARY_BROKEN;
}

/** Tell by its first bytes what a file is. */
static enum library_kind read_image(
    const struct image *image, struct argv_list *names, char **script)
{
    if (image->size >= SELFMAG && !memcmp(image->bytes, ELFMAG, SELFMAG))
        return read_elf(image, names);
    if (image->size > MAX_SCRIPT || memchr(image->bytes, '\0', image->size))
        return LIBRARY_OTHER;
    *script = words_format("%.*s", (int) image->size, image->bytes);
    return LIBRARY_SCRIPT;
}

enum library_kind library_names(const char *path, struct argv_list *names, char **script)
{
    enum library_kind ret = LIBRARY_BROKEN;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct image image;
    struct stat st;

    if (fd < 0)
        return LIBRARY_BROKEN;
    if (fstat(fd, &st) == 0 && (!S_ISREG(st.st_mode) || st.st_size == 0)) {
        ret = LIBRARY_OTHER;
    } else {
        image.size = (size_t) st.st_size;
        image.bytes = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (image.bytes != MAP_FAILED)
            ret = read_image(&image, names, script);
    }
    close(fd);
    return ret;
}
