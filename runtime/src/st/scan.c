/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One pass over all writable memory that forwards every pointer to something that moved.
 *
 * The inner loops only compare; nothing about an object is looked up before one of its words leads
 * to a page from which something moved. So the cost is that of reading memory once, however many
 * objects there are. A word declared as a pointer must have a successor, or the update is refused;
 * any other word is forwarded if it has one.
 *
 * Not scanned: old images, the runtime's own data, shared mappings (the old instance sees those
 * too) and the frames of the old main, which are gone. Library data that is read-only after
 * relocation (procedure tables bound to the old image) is made writable for each word that needs it.
 */
#include <inttypes.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

#define MAX_REGIONS 65536
#define MAX_SKIPS 4096

struct collector {
    struct st__transfer *t;
    bool overflow;
    struct magic__range *skip;  /* in address order */
    size_t n_skip;
};

/* -- which memory ---------------------------------------------------------------------------- */

static void add_region(struct collector *r, uintptr_t lo, uintptr_t hi, bool read_only) {
    if (lo >= hi)
        return;
    if (r->t->n_regions == MAX_REGIONS) {
        r->overflow = true;
        return;
    }
    r->t->regions[r->t->n_regions++] = (struct st__region){lo, hi, read_only};
}

/* Add [lo, hi) without what is to be skipped. */
static void add_remaining(struct collector *r, uintptr_t lo, uintptr_t hi, bool read_only) {
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

static int map_cb(void *ctx, const struct magic__map *map) {
    struct collector *r = ctx;
    uintptr_t lo = map->lo, base = magic__image_stack_base();

    if (map->shared || (map->prot & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE))
        return 0;
    if (base >= map->lo && base < map->hi)
        lo = base;
    add_remaining(r, lo, map->hi, false);
    return 0;
}

static bool holds(uintptr_t lo, uintptr_t hi, const void *p) {
    return (uintptr_t)p >= lo && (uintptr_t)p < hi;
}

static void add_skip(struct collector *r, uintptr_t lo, uintptr_t hi) {
    if (r->n_skip == MAX_SKIPS)
        r->overflow = true;
    else
        r->skip[r->n_skip++] = (struct magic__range){lo, hi};
}

/* The segments of the runtime, and of the dynamic linker, which goes on reading the headers of the
 * old image. */
static int resident_cb(struct dl_phdr_info *info, size_t size, void *ctx) {
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *ph = &info->dlpi_phdr[i];
        uintptr_t lo = info->dlpi_addr + ph->p_vaddr, hi = lo + ph->p_memsz;

        if (ph->p_type == PT_LOAD && (holds(lo, hi, &_magic_vars) || holds(lo, hi, &_r_debug)))
            add_skip(ctx, magic__os_page_down(lo), magic__os_page_up(hi));
    }
    return 0;
}

/* Parts of libraries that are read-only after relocation. */
static int relro_cb(struct dl_phdr_info *info, size_t size, void *ctx) {
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *ph = &info->dlpi_phdr[i];
        uintptr_t lo = info->dlpi_addr + ph->p_vaddr, hi = lo + ph->p_memsz;

        if (ph->p_type == PT_GNU_RELRO && !magic__image_of(lo))
            add_remaining(ctx, magic__os_page_down(lo), magic__os_page_down(hi), true);
    }
    return 0;
}

static int by_address(const void *a, const void *b) {
    const struct magic__range *x = a, *y = b;

    return (x->lo > y->lo) - (x->lo < y->lo);
}

/* What must not be scanned: the image that is being left (older ones are inaccessible) with the
 * linker's record of it, and the runtime's data, index and arenas. */
static void collect_skips(struct collector *r) {
    struct magic__range record = magic__image_link_map(r->t->old);
    uintptr_t lo, hi;

    add_skip(r, r->t->old->span.lo, r->t->old->span.hi);
    add_skip(r, record.lo, record.hi);
    dl_iterate_phdr(resident_cb, r);
    for (uintptr_t at = 0; magic__heap_owned(at, &lo, &hi); at = hi)
        add_skip(r, lo, hi);
    for (uintptr_t at = 0; magic_arena_owned(at, &lo, &hi); at = hi)
        add_skip(r, lo, hi);
    qsort(r->skip, r->n_skip, sizeof(*r->skip), by_address);
}

static int collect(struct st__transfer *t) {
    struct collector r = {.t = t};

    t->regions = magic_arena_array(&t->arena, MAX_REGIONS, sizeof(*t->regions));
    r.skip = magic_arena_array(&t->arena, MAX_SKIPS, sizeof(*r.skip));
    if (!t->regions || !r.skip)
        return MAGIC_ENOMEM;
    collect_skips(&r);
    if (magic__os_maps(map_cb, &r) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "the list of mappings cannot be read");
    dl_iterate_phdr(relro_cb, &r);
    return r.overflow ? st__fail(t, MAGIC_ENOTSUP, NULL, NULL, "too many mappings") : 0;
}

/* -- one word -------------------------------------------------------------------------------- */

static int refuse_pointer(struct st__transfer *t, const struct st__slot *s, uintptr_t value,
    int code) {
    char target[192], member[128];

    t->subject = s->subject;
    st__describe(t, value, target, sizeof(target));
    st__slot_path(s->type, s->offset, member, sizeof(member));
    return st__fail(t, code, NULL, s->type, "%s%spoints to %s, %s", member, member[0] ? " " : "",
        target, code == MAGIC_EUNPAIRED ? "which the new version does not have"
                                        : "which cannot be followed");
}

static int store(struct st__transfer *t, const struct st__region *r, uintptr_t at, uintptr_t value) {
    uintptr_t page = magic__os_page_down(at), next = page + magic__os_page_size();

    if (r->read_only && magic__os_protect(page, next, PROT_READ | PROT_WRITE) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "read-only library data cannot be changed");
    memcpy((void *)at, &value, sizeof(value));
    if (r->read_only && magic__os_protect(page, next, PROT_READ) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "library data cannot be protected again");
    return 0;
}

/* A word whose value leads to a page from which something moved. */
static int forward_word(struct st__transfer *t, const struct st__region *r, uintptr_t at,
    uintptr_t value) {
    struct st__slot slot;
    uintptr_t successor;
    int moved;

    st__slot(t, at, &slot);
    if (slot.kind == ST__SLOT_DEAD)
        return 0;
    moved = slot.kind == ST__SLOT_POINTER ? st__forward(t, value, slot.pointee, &successor)
                                          : st__forward_opaque(t, value, &successor);
    if (moved < 0 && slot.kind == ST__SLOT_POINTER)
        return refuse_pointer(t, &slot, value, moved);
    if (moved <= 0)
        return 0;
    if (slot.kind == ST__SLOT_POINTER)
        t->stats->ptrs_precise++;
    else
        t->stats->ptrs_conservative++;
    return store(t, r, at, successor);
}

/* -- the loops --------------------------------------------------------------------------------- */

#define BLOCK 16

/* Only the old image moved: one range to compare with, a block of words at a time. */
static int scan_for_image(struct st__transfer *t, const struct st__region *r) {
    const uintptr_t lo = t->old->span.lo, size = t->old->span.hi - lo;
    const uintptr_t *p = (const uintptr_t *)r->lo, *end = (const uintptr_t *)r->hi;

    for (; p < end; p += BLOCK) {
        unsigned any = 0;

        for (unsigned i = 0; i < BLOCK; i++)
            any |= p[i] - lo < size;
        for (unsigned i = 0; any && i < BLOCK; i++) {
            int err = p[i] - lo < size ? forward_word(t, r, (uintptr_t)&p[i], p[i]) : 0;

            if (err)
                return err;
        }
    }
    return 0;
}

static int scan_for_pages(struct st__transfer *t, const struct st__region *r) {
    const uintptr_t *end = (const uintptr_t *)r->hi;

    for (const uintptr_t *p = (const uintptr_t *)r->lo; p < end; p++) {
        int err = st__pageset_has(t->pages, *p) ? forward_word(t, r, (uintptr_t)p, *p) : 0;

        if (err)
            return err;
    }
    return 0;
}

bool st__is_scanned(const struct st__transfer *t, uintptr_t addr) {
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

int st__scan(struct st__transfer *t) {
    int err = collect(t);

    for (size_t i = 0; i < t->n_regions && !err; i++) {
        struct st__region *g = &t->regions[i];

        /* The main stack's part starts at a frame, not at a block. */
        g->lo &= ~(uintptr_t)(BLOCK * sizeof(uintptr_t) - 1);
        t->stats->bytes_scanned += g->hi - g->lo;
        err = t->heap_changed || t->n_tls ? scan_for_pages(t, g) : scan_for_image(t, g);
    }
    return err;
}
