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
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

#define MAX_REGIONS 65536

struct collector {
    struct st__transfer *t;
    bool overflow;
    struct magic__range skip[64 * MAGIC__MAX_RANGES];
    unsigned n_skip;
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

/* Add [lo, hi) without what is to be skipped from number `i` on. */
static void add_remaining(struct collector *r, uintptr_t lo, uintptr_t hi, bool read_only) {
    for (unsigned i = 0; i < r->n_skip && lo < hi; i++) {
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

static bool is_service_image(uintptr_t addr) {
    return magic__image_of(addr) != NULL;
}

static bool holds(uintptr_t lo, uintptr_t hi, const void *p) {
    return (uintptr_t)p >= lo && (uintptr_t)p < hi;
}

/* Libraries: their relro parts are to be scanned as well; of the runtime itself and of the dynamic
 * linker, which goes on reading the old image's headers, nothing is. */
static int phdr_cb(struct dl_phdr_info *info, size_t size, void *ctx) {
    struct collector *r = ctx;

    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const Elf64_Phdr *ph = &info->dlpi_phdr[i];
        uintptr_t lo = info->dlpi_addr + ph->p_vaddr, hi = lo + ph->p_memsz;

        if (ph->p_type == PT_LOAD && (holds(lo, hi, &_magic_vars) || holds(lo, hi, &_r_debug)) &&
            !r->t->regions)
            r->skip[r->n_skip++] = (struct magic__range){magic__os_page_down(lo),
                magic__os_page_up(hi)};
        if (ph->p_type == PT_GNU_RELRO && r->t->regions && !is_service_image(lo))
            add_remaining(r, magic__os_page_down(lo), magic__os_page_down(hi), true);
    }
    return 0;
}

/* Ranges to skip have to be in address order for add_remaining. */
static void sort_skips(struct collector *r) {
    for (unsigned i = 1; i < r->n_skip; i++)
        for (unsigned j = i; j && r->skip[j].lo < r->skip[j - 1].lo; j--) {
            struct magic__range s = r->skip[j];

            r->skip[j] = r->skip[j - 1];
            r->skip[j - 1] = s;
        }
}

static int collect(struct st__transfer *t) {
    struct collector collector = {.t = t}, *r = &collector;

    /* Sealed generations are inaccessible; only the one that is being left has to be named. */
    r->skip[r->n_skip++] = t->old->span;
    r->skip[r->n_skip++] = magic__image_link_map(t->old);
    dl_iterate_phdr(phdr_cb, r);
    sort_skips(r);
    t->regions = magic_arena_array(&t->arena, MAX_REGIONS, sizeof(*t->regions));
    if (!t->regions)
        return MAGIC_ENOMEM;
    if (magic__os_maps(map_cb, r) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "the list of mappings cannot be read");
    dl_iterate_phdr(phdr_cb, r);
    return r->overflow ? st__fail(t, MAGIC_ENOTSUP, NULL, NULL, "more than %d mappings",
        MAX_REGIONS) : 0;
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
    if (slot.kind == ST__SLOT_DEAD || magic_arena_owns(at) || magic__heap_owns(at))
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
