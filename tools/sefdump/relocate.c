/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader's work on pointers, so that initial values show where they lead to.
 *
 * The phdrs may lie inside `bytes` and be overwritten by a hostile relocation; so may everything
 * else. Each access is checked against the view, which does not change meanwhile.
 */
#include "relocate.h"

#include <string.h>

#include "table/view.h"

/* What DT_* entries say. */
struct dynamic {
    uint64_t rela, rela_size, symtab;
};

static void read_dynamic(
    const struct magic_view *view, uint64_t addr, uint64_t size, struct dynamic *ret)
{
    Elf64_Dyn entry;
    for (; size >= sizeof(entry); addr += sizeof(entry), size -= sizeof(entry)) {
        const unsigned char *at = magic__view_bytes(view, addr, sizeof(entry));
        if (!at)
            return;
        memcpy(&entry, at, sizeof(entry));
        if (entry.d_tag == DT_NULL)
            return;
        if (entry.d_tag == DT_RELA)
            ret->rela = entry.d_un.d_ptr;
        else if (entry.d_tag == DT_RELASZ)
            ret->rela_size = entry.d_un.d_val;
        else if (entry.d_tag == DT_SYMTAB)
            ret->symtab = entry.d_un.d_ptr;
    }
}

/* Address of a symbol that the image itself defines, or 0. */
static uint64_t symbol_value(
    const struct magic_view *view, const struct dynamic *dynamic, uint64_t index)
{
    Elf64_Sym symbol;
    const unsigned char *at =
        magic__view_bytes(view, dynamic->symtab + index * sizeof(symbol), sizeof(symbol));
    if (!at)
        return 0;
    memcpy(&symbol, at, sizeof(symbol));
    return symbol.st_shndx == SHN_UNDEF ? 0 : symbol.st_value;
}

static void apply(const struct magic_view *view, const struct dynamic *dynamic,
    const Elf64_Rela *rela, unsigned char *bytes)
{
    uint64_t value = (uint64_t) rela->r_addend, type = ELF64_R_TYPE(rela->r_info);
    if (type == R_X86_64_64 || type == R_X86_64_GLOB_DAT) {
        uint64_t symbol = symbol_value(view, dynamic, ELF64_R_SYM(rela->r_info));
        if (symbol == 0)
            return;
        value = type == R_X86_64_64 ? symbol + value : symbol;
    } else if (type != R_X86_64_RELATIVE) {
        return;
    }
    const unsigned char *at = magic__view_bytes(view, rela->r_offset, sizeof(value));
    if (at)
        memcpy(bytes + (at - bytes), &value, sizeof(value));
}

void relocate_image(
    const struct magic_view *view, const Elf64_Phdr *phdrs, size_t n, unsigned char *bytes)
{
    struct dynamic dynamic = { 0 };
    for (size_t i = 0; i < n; i++)
        if (phdrs[i].p_type == PT_DYNAMIC)
            read_dynamic(view, phdrs[i].p_vaddr, phdrs[i].p_filesz, &dynamic);
    Elf64_Rela rela;
    for (uint64_t done = 0; dynamic.rela_size - done >= sizeof(rela) && done < dynamic.rela_size;
        done += sizeof(rela)) {
        const unsigned char *at = magic__view_bytes(view, dynamic.rela + done, sizeof(rela));
        if (!at)
            return;
        memcpy(&rela, at, sizeof(rela));
        apply(view, &dynamic, &rela, bytes);
    }
}
