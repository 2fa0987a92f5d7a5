/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An image's dynamic section: what the dynamic linker must no longer see in an old generation, and
 * what debuggers look for in the program.
 *
 * An old generation's symbols: the program comes first in every symbol lookup, so a new image, a plug-in or a
 * lazily bound library call would be bound to old code that happens to have the wanted name. An
 * empty hash table makes the lookups pass by. Its fini functions: they would run old code over
 * state that a newer generation owns. The linker finds both through the dynamic section, which it
 * reads in place. Debuggers find the list of loaded objects, so all later generations too, through
 * an entry DT_DEBUG that linkers give only to executables.
 */
#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "heap/heap.h"
#include "image/image_internal.h"
#include "os/os.h"

/* More than the linker's private part of a record takes. The program's record lies in memory of the
 * linker, which has nothing else in it. */
enum { PROGRAM_RECORD_SIZE = 4096 };

struct magic__range magic__image_link_map(const struct magic__image *image)
{
    struct link_map *map = _r_debug.r_map;
    size_t size = PROGRAM_RECORD_SIZE;

    if (image->handle) {
        if (dlinfo(image->handle, RTLD_DI_LINKMAP, &map))
            return (struct magic__range) { 0, 0 };
        size = magic__heap_usable(map);
    }
    return (struct magic__range) { (uintptr_t) map, (uintptr_t) map + size };
}

/* The image's dynamic entry of a tag, or NULL. */
static Elf64_Dyn *find_entry(const struct magic__image *image, Elf64_Sxword tag)
{
    Elf64_Dyn *entry = (Elf64_Dyn *) image->dynamic.lo;

    if (!entry)
        return NULL;
    for (; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == tag)
            return entry;
    return NULL;
}

/* The linker has turned some addresses of the section into run-time ones, depending on its kind. */
static uintptr_t entry_address(const struct magic__image *image, const Elf64_Dyn *entry)
{
    return entry->d_un.d_ptr < image->span.lo ? image->base + entry->d_un.d_ptr : entry->d_un.d_ptr;
}

/* Protection of the page of an address of the image, as the dynamic linker left it. */
static int protection_at(const struct magic__image *image, uintptr_t addr)
{
    unsigned i;

    if (addr >= magic__os_page_down(image->relro.lo) && addr < magic__os_page_down(image->relro.hi))
        return PROT_READ;
    for (i = 0; i < image->n_data; i++)
        if (addr >= image->data[i].lo && addr < image->data[i].hi)
            return PROT_READ | PROT_WRITE;
    for (i = 0; i < image->n_text; i++)
        if (addr >= image->text[i].lo && addr < image->text[i].hi)
            return PROT_READ | PROT_EXEC;
    return PROT_READ;
}

/* Overwrite bytes of the image wherever they lie; all of them in one segment. */
static int overwrite(const struct magic__image *image, uintptr_t addr, const void *bytes,
    size_t size, struct magic_error *err)
{
    uintptr_t lo = magic__os_page_down(addr), hi = magic__os_page_up(addr + size);
    int prot = protection_at(image, addr);
    int code = magic__os_protect(lo, hi, PROT_READ | PROT_WRITE | prot);

    if (!code) {
        if (bytes)
            memcpy((void *) addr, bytes, size);
        else
            memset((void *) addr, 0, size);
        code = magic__os_protect(lo, hi, prot);
    }
    if (code)
        return magic_error_set(err, MAGIC_EOS, "%s: cannot patch the dynamic section: %s",
            image->pub->path, strerror(code));
    return 0;
}

int magic__image_hide(const struct magic__image *image, struct magic_error *err)
{
    const Elf64_Dyn *gnu = find_entry(image, DT_GNU_HASH), *sysv = find_entry(image, DT_HASH);
    int ret = 0;

    /* nbuckets, first symbol, words of the Bloom filter, shift; the filter: nothing passes it. */
    if (gnu) {
        const uint32_t *table = (const uint32_t *) entry_address(image, gnu);

        ret = overwrite(image, (uintptr_t) &table[4], NULL, table[2] * sizeof(uint64_t), err);
    }
    /* nbuckets, nchains; the buckets: empty chains. */
    if (!ret && sysv) {
        const uint32_t *table = (const uint32_t *) entry_address(image, sysv);

        ret = overwrite(image, (uintptr_t) &table[2], NULL, table[0] * sizeof(uint32_t), err);
    }
    return ret;
}

/* Give the image's entry of a tag, if it has one, another value. */
static int set_entry(
    const struct magic__image *image, Elf64_Sxword tag, uint64_t value, struct magic_error *err)
{
    const Elf64_Dyn *entry = find_entry(image, tag);
    const Elf64_Dyn changed = { .d_tag = tag, .d_un.d_val = value };

    return entry ? overwrite(image, (uintptr_t) entry, &changed, sizeof(changed), err) : 0;
}

static void no_fini(void)
{
}

int magic__image_mute(const struct magic__image *image, struct magic_error *err)
{
    int ret = set_entry(image, DT_FINI_ARRAYSZ, 0, err);

    /* The linker adds the base. */
    return ret ? ret : set_entry(image, DT_FINI, (uintptr_t) no_fini - image->base, err);
}

int magic__image_drop_relocations(const struct magic__image *image, struct magic_error *err)
{
    int ret = set_entry(image, DT_RELASZ, 0, err);

    return ret ? ret : set_entry(image, DT_PLTRELSZ, 0, err);
}

int magic__image_show_objects(const struct magic__image *image, struct magic_error *err)
{
    const Elf64_Dyn *unused = find_entry(image, DT_SYMENT);
    const Elf64_Dyn debug = { .d_tag = DT_DEBUG, .d_un.d_ptr = (uintptr_t) &_r_debug };

    /* Every linker writes a DT_SYMENT, and nobody needs it: the size of a symbol is known. */
    if (!unused || find_entry(image, DT_DEBUG))
        return 0;
    return overwrite(image, (uintptr_t) unused, &debug, sizeof(debug), err);
}

static struct magic__range linker_strings(const struct magic__image *image)
{
    const Elf64_Dyn *strings = find_entry(image, DT_STRTAB), *size = find_entry(image, DT_STRSZ);
    uintptr_t lo;

    if (!strings || !size)
        return (struct magic__range) { 0, 0 };
    lo = entry_address(image, strings);
    return (struct magic__range) { lo, lo + size->d_un.d_val };
}

bool magic__image_is_linkers(const struct magic__image *image, uintptr_t addr)
{
    const Elf64_Phdr *phdrs = (const Elf64_Phdr *) image->pub->phdrs;
    struct magic__range strings = linker_strings(image);

    if (addr == image->span.lo || (addr >= strings.lo && addr < strings.hi))
        return true;
    for (uint32_t i = 0; i < image->pub->n_phdrs; i++)
        if ((phdrs[i].p_type == PT_DYNAMIC || phdrs[i].p_type == PT_GNU_EH_FRAME) &&
            addr - image->base - phdrs[i].p_vaddr < phdrs[i].p_memsz)
            return true;
    return false;
}

void magic__image_pin_libraries(const struct magic__image *image)
{
    const Elf64_Dyn *entry = (const Elf64_Dyn *) image->dynamic.lo;
    uintptr_t strings = linker_strings(image).lo;

    for (; entry && strings && entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_NEEDED)
            (void) dlopen((const char *) (strings + entry->d_un.d_val),
                RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}
