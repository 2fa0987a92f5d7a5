/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the bytes of an image to its table; image files by libelf.
 */
#include "source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libelf.h>

#include "relocate.h"
#include "table/view.h"

enum { FILE_SIZE_MAX = 1 << 30 };

static int read_view(void *ctx, uint64_t addr, void *buf, size_t size)
{
    return magic__view_read(ctx, addr, buf, size);
}

int source_read_table(struct source *source, unsigned char *bytes, size_t size,
    const Elf64_Phdr *phdrs, size_t n, bool relocate, struct magic_error *err)
{
    source->bytes = bytes;
    int r = magic_view_init(&source->view, phdrs, n, bytes, size, MAGIC_VIEW_FILE, err);
    if (r == 0 && relocate) {
        /* Relocations of a hostile file may change anything, so they come before all checks. */
        relocate_image(&source->view, phdrs, n, bytes);
        r = magic_view_init(&source->view, phdrs, n, bytes, size, MAGIC_VIEW_FILE, err);
    }
    if (r == 0)
        r = magic_table_read(&source->view, &source->arena, &source->table, err);
    source->env.table = source->table;
    return r;
}

void source_deinit(struct source *source)
{
    magic_arena_deinit(&source->arena);
    free(source->bytes);
    source->bytes = NULL;
}

static int os_error(struct magic_error *err, int number)
{
    return magic_error_set(err, MAGIC_EOS, "%s", strerror(number));
}

/* The whole file in memory: a mapping would follow changes of the file. */
static int read_file(const char *path, unsigned char **ret, size_t *size, struct magic_error *err)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return os_error(err, errno);
    int number = fstat(fd, &st) < 0           ? errno
                 : !S_ISREG(st.st_mode)       ? EINVAL
                 : st.st_size > FILE_SIZE_MAX ? EFBIG
                                              : 0;
    size_t want = number ? 0 : (size_t) st.st_size, have = 0;
    unsigned char *bytes = number ? NULL : malloc(want + 1);
    if (!number && !bytes)
        number = ENOMEM;
    while (!number && have < want) {
        ssize_t got = read(fd, bytes + have, want - have);
        if (got < 0)
            number = errno;
        if (got <= 0)
            break;
        have += (size_t) got;
    }
    close(fd);
    if (number) {
        free(bytes);
        return os_error(err, number);
    }
    *ret = bytes;
    *size = have;
    return 0;
}

static int check_header(Elf *elf, struct magic_error *err)
{
    const char *ident = elf_getident(elf, NULL);
    const Elf64_Ehdr *header = elf_kind(elf) == ELF_K_ELF ? elf64_getehdr(elf) : NULL;
    if (!ident || !header)
        return magic_error_set(err, MAGIC_EFORMAT, "not a 64-bit ELF file");
    if (ident[EI_DATA] != ELFDATA2LSB || header->e_machine != EM_X86_64)
        return magic_error_set(err, MAGIC_EFORMAT, "not an ELF file for x86-64");
    return 0;
}

int source_open_file(struct source *source, const char *path, struct magic_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0, n = 0;
    memset(source, 0, sizeof(*source));
    strncpy(source->path, path, sizeof(source->path) - 1);
    source->env.read = read_view;
    source->env.ctx = &source->view;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return magic_error_set(err, MAGIC_EOS, "libelf: %s", elf_errmsg(-1));
    int r = read_file(path, &bytes, &size, err);
    if (r != 0)
        return r;
    Elf *elf = elf_memory((char *) bytes, size);
    r = elf ? check_header(elf, err) : magic_error_set(err, MAGIC_EFORMAT, "not an ELF file");
    const Elf64_Phdr *phdrs = r == 0 ? elf64_getphdr(elf) : NULL;
    if (r == 0 && (!phdrs || elf_getphdrnum(elf, &n) != 0))
        r = magic_error_set(err, MAGIC_EFORMAT, "no program headers");
    if (r == 0)
        r = source_read_table(source, bytes, size, phdrs, n, true, err);
    else
        source->bytes = bytes;
    elf_end(elf);
    return r;
}
