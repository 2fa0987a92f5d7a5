/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Variables that are still as their initialiser made them.
 *
 * A writable table of functions that nobody wrote to is code, not state: `struct op ops[] = {...}`
 * of the new version, with its new rows and new functions, is what its programmer means. So a
 * variable that was initialised with pointers to functions and equals its initial bytes keeps the
 * new initialiser. The initial bytes come from the image's file, if that is still the file that
 * was loaded, and from its relocations. Where either cannot be had, the old value is transferred
 * like any other.
 */
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

/** One relocation of the old image; addresses are link-time ones. */
struct reloc {
    uint64_t offset;
    uint64_t target; /**< link-time address it points to, if relative */
    bool relative;
};

struct initial {
    const struct magic__image *image;
    struct magic_view view;
    struct reloc *relocs;
    size_t n;
};

static int by_offset(const void *a, const void *b)
{
    const struct reloc *x = a, *y = b;

    return (x->offset > y->offset) - (x->offset < y->offset);
}

struct at {
    uintptr_t addr;
    uint64_t inode;
};

static int inode_cb(void *ctx, const struct magic__map *map)
{
    struct at *at = ctx;

    if (at->addr >= map->lo && at->addr < map->hi)
        at->inode = map->inode;
    return 0;
}

/* True if the file is the one that is mapped at the image's start. */
static bool same_file(const struct magic__image *image, const struct magic__file *file)
{
    struct at at = { .addr = image->span.lo };

    return magic__os_maps(inode_cb, &at) == 0 && at.inode != 0 && at.inode == file->ino;
}

static bool view_file(const struct magic__file *file, struct magic_view *view)
{
    const Elf64_Ehdr *eh = (const void *) file->bytes;
    const Elf64_Phdr *phdrs;

    if (file->size < sizeof(*eh) || eh->e_phentsize != sizeof(Elf64_Phdr) ||
        eh->e_phoff > file->size || eh->e_phoff % 8 ||
        eh->e_phnum > (file->size - eh->e_phoff) / sizeof(Elf64_Phdr))
        return false;
    phdrs = (const void *) (file->bytes + eh->e_phoff);
    return magic_view_init(
               view, phdrs, eh->e_phnum, file->bytes, file->size, MAGIC_VIEW_FILE, NULL) == 0;
}

/* The loader may have relocated addresses in the dynamic section, or not. */
static uintptr_t dynamic_addr(const struct magic__image *image, uint64_t value)
{
    return value >= image->span.lo && value < image->span.hi ? value : image->base + value;
}

/* The image's RELA table. Packed relative relocations are not understood: none then. */
static const Elf64_Rela *find_rela(const struct magic__image *image, size_t *n)
{
    const Elf64_Phdr *ph = (const void *) (uintptr_t) image->pub->phdrs;
    const Elf64_Dyn *dyn = NULL;
    uint64_t rela = 0, size = 0;

    for (uint32_t i = 0; i < image->pub->n_phdrs; i++)
        if (ph[i].p_type == PT_DYNAMIC)
            dyn = (const void *) (image->base + ph[i].p_vaddr);
    for (; dyn && dyn->d_tag != DT_NULL; dyn++) {
        if (dyn->d_tag == DT_RELA)
            rela = dynamic_addr(image, dyn->d_un.d_ptr);
        else if (dyn->d_tag == DT_RELASZ)
            size = dyn->d_un.d_val;
        else if (dyn->d_tag == DT_RELR)
            return NULL;
    }
    *n = size / sizeof(Elf64_Rela);
    return rela ? (const void *) rela : NULL;
}

static int collect_relocs(struct st__transfer *t, struct initial *in)
{
    size_t n = 0;
    const Elf64_Rela *rela = find_rela(in->image, &n);

    if (!rela)
        return 0;
    in->relocs = magic_arena_array(&t->arena, n + 1, sizeof(*in->relocs));
    if (!in->relocs)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        if (ELF64_R_TYPE(rela[i].r_info) == R_X86_64_COPY)
            continue;
        in->relocs[in->n++] = (struct reloc) { rela[i].r_offset, (uint64_t) rela[i].r_addend,
            ELF64_R_TYPE(rela[i].r_info) == R_X86_64_RELATIVE };
    }
    qsort(in->relocs, in->n, sizeof(*in->relocs), by_offset);
    return 0;
}

static size_t first_reloc(const struct initial *in, uint64_t addr)
{
    size_t lo = 0, hi = in->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (in->relocs[mid].offset < addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool has_function(
    struct st__transfer *t, const struct initial *in, const struct magic_var *v)
{
    for (size_t i = first_reloc(in, v->addr); i < in->n && in->relocs[i].offset < v->addr + v->size;
        i++)
        if (in->relocs[i].relative && magic_table_func_at(t->p.ot, in->relocs[i].target))
            return true;
    return false;
}

static unsigned char initial_byte(const struct initial *in, uint64_t addr)
{
    for (size_t i = 0; i < in->view.n_segments; i++) {
        const struct magic_view_segment *s = &in->view.segments[i];

        if (addr >= s->vaddr && addr - s->vaddr < s->size)
            return s->bytes[addr - s->vaddr];
    }
    return 0;
}

static bool untouched(const struct initial *in, const struct magic_var *v)
{
    const unsigned char *now = (const unsigned char *) (in->image->base + v->addr);
    size_t r = first_reloc(in, v->addr);

    for (uint64_t i = 0; i < v->size;) {
        if (r < in->n && in->relocs[r].offset == v->addr + i && v->size - i >= 8) {
            uint64_t value;

            memcpy(&value, now + i, sizeof(value));
            if (in->relocs[r].relative && value != in->image->base + in->relocs[r].target)
                return false;
            r++;
            i += 8;
        } else if (now[i] == initial_byte(in, v->addr + i)) {
            i++;
        } else {
            return false;
        }
    }
    return true;
}

static int compare_all(struct st__transfer *t, struct initial *in)
{
    int err = collect_relocs(t, in);

    for (size_t i = 0; i < t->p.ot->n_vars && !err; i++) {
        const struct magic_var *v = &t->p.ot->vars[i];

        if (!(v->flags & (MAGIC_VAR_TLS | MAGIC_VAR_CONST)) && has_function(t, in, v))
            t->var_keeps[v->id] = untouched(in, v);
    }
    return err;
}

int st__find_untouched(struct st__transfer *t)
{
    struct initial in = { .image = t->old };
    struct magic__file file;
    int err = 0;

    t->var_keeps = magic_arena_array(&t->arena, t->p.ot->n_vars + 1, sizeof(*t->var_keeps));
    if (!t->var_keeps)
        return MAGIC_ENOMEM;
    if (magic__os_file_map(t->old->pub->path, &file) != 0)
        return 0;
    if (same_file(t->old, &file) && view_file(&file, &in.view))
        err = compare_all(t, &in);
    magic__os_file_unmap(&file);
    return err;
}
