/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Sealing: nothing may execute old code or touch old variables any more.
 *
 * What others still read must stay: the dynamic linker's tables, unwind tables, string literals
 * and constants, the initial image of thread-local variables that each new thread gets copied.
 * Linkers differ in where they put these: with GNU ld and lld they have segments of their own;
 * gold puts them into the segment of the code; without relro the dynamic section is among the
 * variables. So the segments decide, page by page.
 */
#include <string.h>

#include "image/image_internal.h"
#include "os/os.h"

static bool overlaps(struct magic__range range, uintptr_t lo, uintptr_t hi)
{
    return range.lo < hi && lo < range.hi;
}

/* True if an executable segment holds more than code: headers, notes or unwind tables. */
static bool is_mixed(const struct magic__image *image, struct magic__range text)
{
    const Elf64_Phdr *phdrs = (const Elf64_Phdr *) image->pub->phdrs;
    uint32_t i;

    for (i = 0; i < image->pub->n_phdrs; i++) {
        uintptr_t lo = image->base + phdrs[i].p_vaddr;

        if (phdrs[i].p_type == PT_LOAD ? phdrs[i].p_offset == 0 && lo == text.lo
                                       : overlaps(text, lo, lo + phdrs[i].p_filesz))
            return true;
    }
    return false;
}

/* Make the program's entry page executable again, with nothing but HLT instructions, which fault
 * like a page that cannot be executed: gdb runs instructions that it steps over a breakpoint there.
 * Valgrind does not, and takes HLT for an unknown instruction. Without the page only debugging
 * suffers, so failing is no error. */
static void keep_entry_page(struct magic__range text)
{
    enum { HLT = 0xf4 };
    uintptr_t entry = magic__os_entry(), lo = magic__os_page_down(entry);
    size_t size = magic__os_page_size();

    if (entry < text.lo || entry >= text.hi || magic__os_on_valgrind() ||
        magic__os_protect(lo, lo + size, PROT_READ | PROT_WRITE))
        return;
    memset((void *) lo, HLT, size);
    if (magic__os_protect(lo, lo + size, PROT_READ | PROT_EXEC))
        magic__log("the program's entry page is not executable: debuggers cannot step");
}

/* The mapping of the file stays, so that it is visible whose addresses these were. */
static int seal_text(const struct magic__image *image, struct magic__range text)
{
    bool mixed = is_mixed(image, text);
    int code = magic__os_protect(
        magic__os_page_down(text.lo), magic__os_page_up(text.hi), mixed ? PROT_READ : PROT_NONE);

    if (!code && !mixed)
        keep_entry_page(text);
    return code;
}

/* The end of the pages from `at` on that are all kept or all not; *kept says which. */
static uintptr_t run_end(const struct magic__image *image, uintptr_t at, uintptr_t hi, bool *kept)
{
    const struct magic__range keep[] = { image->relro, image->dynamic, image->tls_image };
    size_t i;

    *kept = false;
    for (i = 0; i < sizeof(keep) / sizeof(keep[0]); i++) {
        uintptr_t keep_lo = magic__os_page_down(keep[i].lo);
        uintptr_t keep_hi = magic__os_page_up(keep[i].hi);

        if (keep[i].lo == keep[i].hi || keep_hi <= at)
            continue;
        if (keep_lo <= at) {
            *kept = true;
            return keep_hi < hi ? keep_hi : hi;
        }
        if (keep_lo < hi)
            hi = keep_lo;
    }
    return hi;
}

static int seal_data(const struct magic__image *image, struct magic__range data)
{
    uintptr_t at = magic__os_page_down(data.lo), hi = magic__os_page_up(data.hi);
    int code = 0;

    while (!code && at < hi) {
        bool kept;
        uintptr_t end = run_end(image, at, hi, &kept);

        code = kept ? magic__os_protect(at, end, PROT_READ) : magic__os_discard(at, end);
        at = end;
    }
    return code;
}

/* The range out of `n` that an address lies in, or NULL. */
static const struct magic__range *find_range(
    const struct magic__range *ranges, unsigned n, uintptr_t addr)
{
    unsigned i;

    for (i = 0; i < n; i++)
        if (addr >= ranges[i].lo && addr < ranges[i].hi)
            return &ranges[i];
    return NULL;
}

bool magic__image_stays_readable(const struct magic__image *image, uintptr_t addr)
{
    const struct magic__range *text = find_range(image->text, image->n_text, addr);
    bool kept;

    if (text)
        return is_mixed(image, *text);
    if (find_range(image->data, image->n_data, addr)) {
        run_end(image, magic__os_page_down(addr), addr + 1, &kept);
        return kept;
    }
    return find_range(image->rodata, image->n_rodata, addr);
}

int magic__image_seal(struct magic__image *image, magic__redirect_t redirect, const void *ctx,
    struct magic_error *err)
{
    int code;
    unsigned i;

    if (image->pub->sealed)
        return 0;
    image->redirect = redirect;
    image->redirect_ctx = ctx;
    code = magic__signal_take_faults(magic__redirect_fault, err);
    if (!code)
        code = magic__image_drop_relocations(image, err);
    if (code)
        return code;
    image->pub->sealed = 1;
    for (i = 0; !code && i < image->n_text; i++)
        code = seal_text(image, image->text[i]);
    for (i = 0; !code && i < image->n_data; i++)
        code = seal_data(image, image->data[i]);
    if (code)
        return magic_error_set(
            err, MAGIC_EOS, "%s: cannot seal: %s", image->pub->path, strerror(code));
    return 0;
}

int magic__image_reinstall(magic__forward_t forward, void *ctx, struct magic_error *err)
{
    int code = magic__signal_forward(forward, ctx, err);

    if (!code)
        code = magic__exit_forward(forward, ctx, err);
    return code ? code : magic__log_forward(forward, ctx, err);
}
