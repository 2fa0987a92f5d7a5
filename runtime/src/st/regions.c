/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which memory is scanned for pointers.
 *
 * Not scanned: old images, the runtime's own data, shared mappings (the old instance sees those
 * too) and the frames of the old main, which are gone. Library data that is read-only after
 * relocation (procedure tables bound to the old image) is, and the scan makes it writable for each
 * word that needs it.
 */
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

#define MAX_REGIONS 65536
#define MAX_SKIPS   4096

struct collector {
    struct st__transfer *t;
    bool overflow;
    struct magic__range *skip; /* in address order */
    size_t n_skip;
};

static void add_region(struct collector *r, uintptr_t lo, uintptr_t hi, bool read_only)
{
    lo = (lo + sizeof(lo) - 1) & -sizeof(lo);
    hi &= -sizeof(hi);
    if (lo >= hi)
        return;
    if (r->t->n_regions == MAX_REGIONS) {
        r->overflow = true;
        return;
    }
    r->t->regions[r->t->n_regions++] = (struct st__region) { lo, hi, read_only };
}

/* Add [lo, hi) without what is to be skipped. */
static void add_remaining(struct collector *r, uintptr_t lo, uintptr_t hi, bool read_only)
{
    for (size_t i = 0; i < r->n_skip && lo < hi; i++) {
        const struct magic__range *s = &r->skip[i];

        if (s->hi <= lo || s->lo >= hi)
            continue;
        if (s->lo > lo)
            add_region(r, lo, s->lo, read_only);
        lo = s->hi;
    }
    add_region(r, lo, hi, read_only);
}

static int map_cb(void *ctx, const struct magic__map *map)
{
    struct collector *r = ctx;
    uintptr_t lo = map->lo, base = magic__image_stack_base();

    if (map->shared || (map->prot & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE))
        return 0;
    if (base >= map->lo && base < map->hi)
        lo = base;
    add_remaining(r, lo, map->hi, false);
    return 0;
}

static bool holds(uintptr_t lo, uintptr_t hi, const void *p)
{
    return (uintptr_t) p >= lo && (uintptr_t) p < hi;
}

static void add_skip(struct collector *r, uintptr_t lo, uintptr_t hi)
{
    if (r->n_skip == MAX_SKIPS)
        r->overflow = true;
    else
        r->skip[r->n_skip++] = (struct magic__range) { lo, hi };
}

/* The segments of the runtime, and of the dynamic linker, which goes on reading the headers of the
 * old image. */
static int resident_cb(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void) size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *ph = &info->dlpi_phdr[i];
        uintptr_t lo = info->dlpi_addr + ph->p_vaddr, hi = lo + ph->p_memsz;

        if (ph->p_type == PT_LOAD && (holds(lo, hi, &_magic_vars) || holds(lo, hi, &_r_debug)))
            add_skip(ctx, magic__os_page_down(lo), magic__os_page_up(hi));
    }
    return 0;
}

/* Parts of libraries that are read-only after relocation. */
static int relro_cb(struct dl_phdr_info *info, size_t size, void *ctx)
{
    (void) size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *ph = &info->dlpi_phdr[i];
        uintptr_t lo = info->dlpi_addr + ph->p_vaddr, hi = lo + ph->p_memsz;

        if (ph->p_type == PT_GNU_RELRO && !magic__image_of(lo))
            add_remaining(ctx, magic__os_page_down(lo), magic__os_page_down(hi), true);
    }
    return 0;
}

static int by_address(const void *a, const void *b)
{
    const struct magic__range *x = a, *y = b;

    return (x->lo > y->lo) - (x->lo < y->lo);
}

/* What must not be scanned: the image that is being left (older ones are inaccessible), the
 * linker's records of all and its vector of thread-local blocks, and the runtime's data, index and arenas. */
static void collect_skips(struct collector *r)
{
    uintptr_t lo, hi;

    add_skip(r, r->t->old->span.lo, r->t->old->span.hi);
    for (unsigned i = 0; i < magic__image_count(); i++) {
        struct magic__range record = { 0, 0 };

        if (!magic__image_at(i)->retired)
            record = magic__image_link_map(magic__image_at(i));
        add_skip(r, record.lo, record.hi);
    }
    dl_iterate_phdr(resident_cb, r);
    magic__os_thread_vector(&lo, &hi);
    add_skip(r, lo, hi);
    for (uintptr_t at = 0; magic__heap_owned(at, &lo, &hi); at = hi)
        add_skip(r, lo, hi);
    for (uintptr_t at = 0; magic_arena_owned(at, &lo, &hi); at = hi)
        add_skip(r, lo, hi);
    qsort(r->skip, r->n_skip, sizeof(*r->skip), by_address);
}

int st__collect_regions(struct st__transfer *t)
{
    struct collector r = { .t = t };

    t->regions = magic_arena_array(&t->arena, MAX_REGIONS, sizeof(*t->regions));
    r.skip = magic_arena_array(&t->arena, MAX_SKIPS, sizeof(*r.skip));
    if (!t->regions || !r.skip)
        return MAGIC_ENOMEM;
    collect_skips(&r);
    if (magic__os_maps(map_cb, &r) != 0)
        return st__fail_plain(
            t, MAGIC_EOS, "the list of mappings cannot be read: %s", strerror(errno));
    dl_iterate_phdr(relro_cb, &r);
    return r.overflow ? st__fail_plain(
                            t, MAGIC_ENOTSUP, "the process has more than %d mappings", MAX_REGIONS)
                      : 0;
}

bool st__is_scanned(const struct st__transfer *t, uintptr_t addr)
{
    size_t lo = 0, hi = t->n_regions;

    while (hi && t->regions[hi - 1].read_only)
        hi--;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (addr >= t->regions[mid].hi)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < t->n_regions && addr >= t->regions[lo].lo && addr < t->regions[lo].hi;
}
