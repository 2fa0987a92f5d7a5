/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Loading the next generation.
 *
 * All that can be checked is checked in the file, because dlopen() runs constructors. The new
 * image is loaded like a program: its symbols are global, so that plug-ins find them, and those of
 * the old one are hidden first, so that neither the new image nor a library is bound to old code.
 */
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap/heap.h"
#include "image/image_internal.h"
#include "os/os.h"

/* Path of the object whose constructors are running, or NULL. */
static const char *loading;

bool magic__image_loading(uintptr_t addr)
{
    Dl_info info;

    return loading && dladdr((const void *) addr, &info) && info.dli_fname &&
           strcmp(info.dli_fname, loading) == 0;
}

static int check_header(const struct magic__file *file, const char *path, struct magic_error *err)
{
    const Elf64_Ehdr *header = (const void *) file->bytes;

    if (file->size < sizeof(*header) || memcmp(header->e_ident, ELFMAG, SELFMAG))
        return magic_error_set(err, MAGIC_EFORMAT, "%s: not an ELF file", path);
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_X86_64)
        return magic_error_set(err, MAGIC_EFORMAT, "%s: built for another machine", path);
    if (header->e_type != ET_DYN || header->e_phentsize != sizeof(Elf64_Phdr))
        return magic_error_set(
            err, MAGIC_EFORMAT, "%s: not a shared object: link it with sef-cc", path);
    if (header->e_phoff % _Alignof(Elf64_Phdr) || header->e_phoff > file->size ||
        header->e_phnum > (file->size - header->e_phoff) / sizeof(Elf64_Phdr))
        return magic_error_set(err, MAGIC_EFORMAT, "%s: program headers out of bounds", path);
    return 0;
}

/* Refuse what the dynamic linker would take for an object it already has. */
static int check_new(const struct magic__file *file, const char *path, struct magic_error *err)
{
    uint64_t dev, ino;
    bool known = !magic__os_exe_id(&dev, &ino) && dev == file->dev && ino == file->ino;
    void *handle = known ? NULL : dlopen(path, RTLD_LAZY | RTLD_NOLOAD);

    if (handle) {
        known = true;
        dlclose(handle);
    }
    if (known)
        return magic_error_set(
            err, MAGIC_ELOAD, "%s: this file is already loaded; load a copy of it", path);
    return 0;
}

static int check_file(const char *path, struct magic_error *err)
{
    struct magic__file file;
    struct magic_view view;
    struct magic_error why = { 0 };
    int code = magic__os_file_map(path, &file);

    if (code)
        return magic_error_set(err, MAGIC_ELOAD, "%s: %s", path, strerror(code));
    code = check_header(&file, path, err);
    if (!code) {
        const Elf64_Ehdr *header = (const void *) file.bytes;

        code = magic_view_init(&view, (const void *) (file.bytes + header->e_phoff),
            header->e_phnum, file.bytes, file.size, MAGIC_VIEW_FILE, &why);
        if (code)
            magic_error_set(err, code, "%s: %s", path, why.text);
    }
    if (!code)
        code = check_new(&file, path, err);
    magic__os_file_unmap(&file);
    return code;
}

/* Load it and run its constructors. */
static int open_image(const char *path, void **ret, struct magic_error *err)
{
    int code = magic__exit_guard(err);

    if (!code)
        code = magic__image_hide(magic__image_current(), err);
    if (code)
        return code;
    loading = path;
    *ret = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    loading = NULL;
    if (*ret)
        return 0;
    magic__exit_unguard();
    return magic_error_set(err, MAGIC_ELOAD, "%s", dlerror());
}

static int register_image(void *handle, const char *path, struct magic_error *err)
{
    struct magic__image *image;
    struct magic_error why = { 0 };
    struct link_map *map;
    const Elf64_Phdr *phdrs;
    int n = dlinfo(handle, RTLD_DI_LINKMAP, &map) ? -1 : dlinfo(handle, RTLD_DI_PHDR, &phdrs);
    int code;

    if (n < 0)
        return magic_error_set(err, MAGIC_ELOAD, "%s: %s", path, dlerror());
    code = magic__image_add(map->l_addr, phdrs, (size_t) n, path, &image, &why);
    if (code)
        return magic_error_set(err, code, "%s: %s", path, why.text);
    image->handle = handle;
    magic__image_pin_libraries(image);
    code = magic__image_mute(magic__image_current(), err);
    if (!code && magic__heap_rebind())
        code = magic_error_set(err, MAGIC_EOS, "%s: its allocation calls cannot be rebound", path);
    return code;
}

int magic_image_load(const char *path, struct magic_error *err)
{
    char real[PATH_MAX];
    void *handle;
    int code;

    if (!magic__image_on_main_thread())
        return magic_error_set(
            err, MAGIC_ENOTSUP, "a new version can only be loaded on the main thread of a service");
    if (magic__image_pending())
        return magic_error_set(err, MAGIC_ENOTSUP, "another new version is loaded already");
    if (!realpath(path, real))
        return magic_error_set(err, MAGIC_ELOAD, "%s: %m", path);
    code = check_file(real, err);
    if (!code)
        code = open_image(real, &handle, err);
    if (!code)
        code = register_image(handle, real, err);
    return code;
}

void magic_image_commit(void)
{
    if (!magic__image_pending())
        return;
    magic__image_promote();
    magic__log_drop_old();
    magic__exit_drop_old();
    magic__signal_drop_old();
    magic__exit_unguard();
}
