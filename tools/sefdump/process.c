/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A running service: from libmagicrt's root to the running generation, by reading its memory.
 *
 * The image is read from memory, not from the file it came from, which may be gone or replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <libelf.h>

#include "source.h"

enum {
    PHDRS_MAX = 64,
    GENERATIONS_MAX = 1 << 20,
};
static const uint64_t image_size_max = (uint64_t) 1 << 30;

int source_read(const struct source *source, uint64_t addr, void *buf, size_t size)
{
    struct iovec local = { buf, size }, remote = { (void *) (uintptr_t) addr, size };
    if (size == 0)
        return 0;
    return process_vm_readv(source->pid, &local, 1, &remote, 1, 0) == (ssize_t) size ? 0
                                                                                     : MAGIC_EFAULT;
}

static int read_process(void *ctx, uint64_t addr, void *buf, size_t size)
{
    return source_read(ctx, addr, buf, size);
}

/* Where the runtime lies in a process. */
struct runtime {
    char path[4096];
    uint64_t base;
};

/* The lowest mapping of libmagicrt in /proc/PID/maps. */
static int find_runtime(pid_t pid, struct runtime *ret, struct magic_error *err)
{
    char name[64], *line = NULL, *path, *base;
    size_t size = 0;
    int found = 0;
    snprintf(name, sizeof(name), "/proc/%d/maps", (int) pid);
    FILE *maps = fopen(name, "re");
    if (!maps)
        return magic_error_set(err, errno == ENOENT ? MAGIC_ENOENT : MAGIC_EOS, "process %d: %s",
            (int) pid,
            errno == ENOENT   ? "no such process"
            : errno == EACCES ? "only root and its user may look into it"
                              : strerror(errno));
    while (!found && getline(&line, &size, maps) > 0) {
        path = strchr(line, '/');
        base = path ? strrchr(path, '/') + 1 : NULL;
        if (!base || strncmp(base, "libmagicrt.so", strlen("libmagicrt.so")) != 0)
            continue;
        path[strcspn(path, "\n")] = 0;
        snprintf(ret->path, sizeof(ret->path), "%s", path);
        ret->base = strtoull(line, NULL, 16);
        found = 1;
    }
    int failed = ferror(maps);
    free(line);
    fclose(maps);
    if (failed)
        return magic_error_set(
            err, MAGIC_EOS, "process %d: its memory map cannot be read", (int) pid);
    return found ? 0
                 : magic_error_set(err, MAGIC_ENOTABLE,
                       "process %d is no service: libmagicrt is not loaded", (int) pid);
}

/* Value of a dynamic symbol. Returns 0 or MAGIC_ENOENT. */
static int find_symbol(Elf *elf, const char *name, uint64_t *ret)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(elf, section))) {
        const Elf64_Shdr *header = elf64_getshdr(section);
        const Elf_Data *data =
            header && header->sh_type == SHT_DYNSYM ? elf_getdata(section, NULL) : NULL;
        for (size_t i = 0; data && i < data->d_size / sizeof(Elf64_Sym); i++) {
            const Elf64_Sym *symbol = (const Elf64_Sym *) data->d_buf + i;
            const char *text = elf_strptr(elf, header->sh_link, symbol->st_name);
            if (text && strcmp(text, name) == 0 && symbol->st_shndx != SHN_UNDEF) {
                *ret = symbol->st_value;
                return 0;
            }
        }
    }
    return MAGIC_ENOENT;
}

/* Address of _magic_vars in the process. */
static int find_root(
    pid_t pid, const struct runtime *runtime, uint64_t *ret, struct magic_error *err)
{
    char name[4200];
    uint64_t value;
    /* As the process sees it: it may live in another mount namespace. */
    snprintf(name, sizeof(name), "/proc/%d/root%s", (int) pid, runtime->path);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return magic_error_set(err, MAGIC_EOS, "%s: %s", runtime->path, strerror(errno));
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    int r = elf ? find_symbol(elf, "_magic_vars", &value) : MAGIC_ENOENT;
    elf_end(elf);
    close(fd);
    if (r != 0)
        return magic_error_set(err, MAGIC_ENOTABLE, "%s has no _magic_vars", runtime->path);
    *ret = runtime->base + value;
    return 0;
}

static int read_root(
    const struct source *source, uint64_t addr, struct magic_vars *ret, struct magic_error *err)
{
    if (source_read(source, addr, ret, sizeof(*ret)) != 0)
        return magic_error_set(err, MAGIC_EOS, "process %d: its memory cannot be read: %s",
            (int) source->pid, strerror(errno));
    if (ret->magic != MAGIC_VARS_MAGIC)
        return magic_error_set(err, MAGIC_EFORMAT, "process %d: no state table root at 0x%llx",
            (int) source->pid, (unsigned long long) addr);
    if (ret->version != MAGIC_VARS_VERSION || ret->size != sizeof(*ret))
        return magic_error_set(err, MAGIC_EABI,
            "process %d runs version %u of the runtime, this "
            "tool knows %u",
            (int) source->pid, ret->version, MAGIC_VARS_VERSION);
    if (ret->n_generations == 0 || ret->n_generations > GENERATIONS_MAX ||
        ret->current >= ret->n_generations)
        return magic_error_set(err, MAGIC_ENOTABLE,
            "process %d is no service: libmagicrt is loaded, but no service image runs",
            (int) source->pid);
    return 0;
}

/* Copy the file-backed parts of the image's segments one after another, and make the program
 * headers say so. */
static int copy_segments(const struct source *source, Elf64_Phdr *phdrs, size_t n,
    unsigned char **ret, size_t *size, struct magic_error *err)
{
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        if (phdrs[i].p_type != PT_LOAD)
            continue;
        phdrs[i].p_offset = total;
        if (phdrs[i].p_filesz > image_size_max || (total += phdrs[i].p_filesz) > image_size_max)
            return magic_error_set(err, MAGIC_EFORMAT, "%s: segments too large", source->path);
    }
    unsigned char *bytes = malloc(total + 1);
    if (!bytes)
        return magic_error_set(err, MAGIC_ENOMEM, "out of memory");
    for (size_t i = 0; i < n; i++)
        if (phdrs[i].p_type == PT_LOAD && (phdrs[i].p_flags & PF_R) &&
            source_read(source, source->env.base + phdrs[i].p_vaddr, bytes + phdrs[i].p_offset,
                phdrs[i].p_filesz) != 0) {
            free(bytes);
            return magic_error_set(err, MAGIC_EOS, "%s: not all of it is in memory", source->path);
        }
    *ret = bytes;
    *size = total;
    return 0;
}

/* The runtime looks up its program's file only when it needs to know it. */
static void read_program_path(struct source *source)
{
    char name[64];
    snprintf(name, sizeof(name), "/proc/%d/exe", (int) source->pid);
    ssize_t n = readlink(name, source->path, sizeof(source->path) - 1);
    source->path[n > 0 ? n : 0] = 0;
}

static int read_generation(
    struct source *source, const struct magic_vars *vars, struct magic_error *err)
{
    struct magic_generation generation;
    Elf64_Phdr phdrs[PHDRS_MAX];
    uint64_t addr;
    if (source_read(source, vars->generations + 8 * (uint64_t) vars->current, &addr, 8) != 0 ||
        source_read(source, addr, &generation, sizeof(generation)) != 0)
        return magic_error_set(
            err, MAGIC_EFORMAT, "process %d: broken list of generations", (int) source->pid);
    memcpy(source->path, generation.path, sizeof(source->path));
    source->path[sizeof(source->path) - 1] = 0;
    if (!*source->path)
        read_program_path(source);
    if (generation.n_phdrs > PHDRS_MAX ||
        source_read(source, generation.phdrs, phdrs, generation.n_phdrs * sizeof(phdrs[0])) != 0)
        return magic_error_set(
            err, MAGIC_EFORMAT, "%s: program headers cannot be read", source->path);
    source->env.base = generation.base;
    source->generation = vars->current;
    source->heap = vars->heap;
    unsigned char *bytes = NULL;
    size_t size = 0;
    int r = copy_segments(source, phdrs, generation.n_phdrs, &bytes, &size, err);
    return r ? r : source_read_table(source, bytes, size, phdrs, generation.n_phdrs, false, err);
}

int source_open_process(struct source *source, pid_t pid, struct magic_error *err)
{
    struct runtime runtime;
    struct magic_vars vars;
    uint64_t root = 0;
    memset(source, 0, sizeof(*source));
    source->pid = pid;
    source->env.read = read_process;
    source->env.ctx = source;
    if (elf_version(EV_CURRENT) == EV_NONE)
        return magic_error_set(err, MAGIC_EOS, "libelf: %s", elf_errmsg(-1));
    int r = find_runtime(pid, &runtime, err);
    if (r == 0)
        r = find_root(pid, &runtime, &root, err);
    if (r == 0)
        r = read_root(source, root, &vars, err);
    return r ? r : read_generation(source, &vars, err);
}
