/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Leading allocation calls to the wrappers where a preloaded allocator stands in front of them.
 *
 * LD_PRELOAD comes before everything a program was linked with, so all images call the preloaded
 * allocator, and the wrappers would see nothing. Their relocation slots for the malloc family are
 * therefore written again, in all images but the allocator's and this one. A slot is touched only
 * if it leads to the preloaded allocator, or is still to be bound (leads into its own image).
 */
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/mman.h>

#include "heap/heap_internal.h"
#include "heap/wrap.h"

/* A wrapped function: its wrapper, and what was preloaded in front of it (NULL: nothing). */
struct target {
    const char *name;
    const void *wrapper;
    const void *preloaded;
};

static struct target targets[] = {
    { "malloc", (const void *)magic__malloc, NULL },
    { "calloc", (const void *)magic__calloc, NULL },
    { "realloc", (const void *)magic__realloc, NULL },
    { "reallocarray", (const void *)magic__reallocarray, NULL },
    { "free", (const void *)magic__free, NULL },
    { "posix_memalign", (const void *)magic__posix_memalign, NULL },
    { "aligned_alloc", (const void *)magic__aligned_alloc, NULL },
    { "memalign", (const void *)magic__memalign, NULL },
    { "valloc", (const void *)magic__valloc, NULL },
    { "pvalloc", (const void *)magic__pvalloc, NULL },
};
#define PAGE_MASK ((uintptr_t)4095)

enum { N_TARGETS = sizeof(targets) / sizeof(targets[0]) };

static int is_preloaded;

/* What of an image's dynamic section and program headers is needed here. */
struct image {
    uintptr_t base, lo, hi;         /* load bias; bounds of its segments */
    uintptr_t relro, relro_end;     /* read-only after relocation, whole pages */
    const char *strings;
    const ElfW(Sym) *symbols;
    const ElfW(Rela) *tables[2];    /* DT_RELA, DT_JMPREL */
    size_t counts[2];
    int writable;                   /* the relro part was made writable */
};

/* Dynamic section entries hold addresses; some loaders leave them relative to the base. */
static uintptr_t dynamic_addr(const struct image *image, uintptr_t value)
{
    return value < image->base ? value + image->base : value;
}

static void read_dynamic(struct image *image, const ElfW(Dyn) *dyn)
{
    for (; dyn->d_tag != DT_NULL; dyn++) {
        uintptr_t addr = dynamic_addr(image, dyn->d_un.d_ptr);
        switch (dyn->d_tag) {
        case DT_STRTAB:
            image->strings = (const char *)addr;
            break;
        case DT_SYMTAB:
            image->symbols = (const ElfW(Sym) *)addr;
            break;
        case DT_RELA:
            image->tables[0] = (const ElfW(Rela) *)addr;
            break;
        case DT_RELASZ:
            image->counts[0] = dyn->d_un.d_val / sizeof(ElfW(Rela));
            break;
        case DT_JMPREL:
            image->tables[1] = (const ElfW(Rela) *)addr;
            break;
        case DT_PLTRELSZ:
            image->counts[1] = dyn->d_un.d_val / sizeof(ElfW(Rela));
            break;
        }
    }
}

static void read_image(const struct dl_phdr_info *info, struct image *image)
{
    const ElfW(Dyn) *dyn = NULL;
    *image = (struct image){ .base = info->dlpi_addr, .lo = UINTPTR_MAX };
    for (unsigned i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *ph = &info->dlpi_phdr[i];
        uintptr_t start = image->base + ph->p_vaddr, end = start + ph->p_memsz;
        if (ph->p_type == PT_DYNAMIC) {
            dyn = (const ElfW(Dyn) *)start;
        } else if (ph->p_type == PT_GNU_RELRO) {
            image->relro = start & ~PAGE_MASK;
            image->relro_end = end & ~PAGE_MASK;
        } else if (ph->p_type == PT_LOAD) {
            image->lo = start < image->lo ? start : image->lo;
            image->hi = end > image->hi ? end : image->hi;
        }
    }
    if (dyn)
        read_dynamic(image, dyn);
}

static int contains(const struct image *image, const void *p)
{
    return (uintptr_t)p >= image->lo && (uintptr_t)p < image->hi;
}

static const struct target *target_of(const char *name)
{
    for (int i = 0; i < N_TARGETS; i++)
        if (targets[i].preloaded && strcmp(name, targets[i].name) == 0)
            return &targets[i];
    return NULL;
}

static int protect_relro(struct image *image, int prot)
{
    return mprotect((void *)image->relro, image->relro_end - image->relro, prot);
}

static int write_slot(struct image *image, uintptr_t slot, const void *value)
{
    if (slot >= image->relro && slot < image->relro_end && !image->writable) {
        if (protect_relro(image, PROT_READ | PROT_WRITE) != 0)
            return MAGIC_EOS;
        image->writable = 1;
    }
    /* Other threads may be calling through the slot. */
    __atomic_store_n((uintptr_t *)slot, (uintptr_t)value, __ATOMIC_RELEASE);
    return 0;
}

static int rebind_one(struct image *image, const ElfW(Rela) *rela)
{
    unsigned type = (unsigned)ELF64_R_TYPE(rela->r_info);
    if (type != R_X86_64_JUMP_SLOT && type != R_X86_64_GLOB_DAT && type != R_X86_64_64)
        return 0;
    const ElfW(Sym) *symbol = &image->symbols[ELF64_R_SYM(rela->r_info)];
    if (ELF64_R_SYM(rela->r_info) == 0 || rela->r_addend != 0)
        return 0;
    const struct target *target = target_of(image->strings + symbol->st_name);
    if (!target)
        return 0;
    uintptr_t slot = image->base + rela->r_offset;
    uintptr_t value = __atomic_load_n((const uintptr_t *)slot, __ATOMIC_ACQUIRE);
    int unbound = type == R_X86_64_JUMP_SLOT && symbol->st_shndx == SHN_UNDEF &&
        contains(image, (const void *)value);
    if (value != (uintptr_t)target->preloaded && !unbound)
        return 0;
    return write_slot(image, slot, target->wrapper);
}

static int rebind_image(struct dl_phdr_info *info, size_t size, void *ctx)
{
    struct image image;
    int *result = ctx;
    (void)size;
    read_image(info, &image);
    if (!image.symbols || !image.strings || contains(&image, targets[0].preloaded) ||
        contains(&image, targets[0].wrapper))
        return 0;
    for (int t = 0; t < 2; t++)
        for (size_t i = 0; image.tables[t] && i < image.counts[t] && *result == 0; i++)
            *result = rebind_one(&image, &image.tables[t][i]);
    if (image.writable && protect_relro(&image, PROT_READ) != 0)
        *result = MAGIC_EOS;
    return *result;
}

int magic__heap_rebind(void)
{
    int result = 0;
    if (is_preloaded)
        dl_iterate_phdr(rebind_image, &result);
    return result;
}

__attribute__((constructor)) static void take_over(void)
{
    if (magic__wrap_is_first())
        return;
    for (int i = 0; i < N_TARGETS; i++)
        targets[i].preloaded = magic__wrap_preloaded(targets[i].name, targets[i].wrapper);
    is_preloaded = magic__wrap_allocator_ahead();
    /* A record whose block is freed past the wrappers would be taken for another object's. */
    if (magic__heap_rebind() != 0)
        magic__wrap_off = 1;
}
