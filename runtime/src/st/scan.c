/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One pass over all writable memory that forwards every pointer to something that moved.
 *
 * The inner loops only compare; nothing about an object is looked up before one of its words leads
 * to where something moved. So the cost is that of reading memory once, however many
 * objects there are. A word declared as a pointer must have a successor, or the update is refused;
 * any other word is forwarded if it has one.
 *
 * Large memory is shared out among the cores. A core that meets an error only stops all; the error
 * is then described by one that scans that piece again by itself.
 *
 * Not scanned: old images, the runtime's own data, shared mappings (the old instance sees those
 * too) and the frames of the old main, which are gone. Library data that is read-only after
 * relocation (procedure tables bound to the old image) is made writable for each word that needs
 * it.
 */
#include <inttypes.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

#include "os/os.h"
#include "os/os_parallel.h"
#include "st/transfer.h"

#define MAX_REGIONS 65536
#define MAX_SKIPS   4096

struct collector {
    struct st__transfer *t;
    bool overflow;
    struct magic__range *skip; /* in address order */
    size_t n_skip;
};

/* -- which memory ---------------------------------------------------------------------------- */

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
 * linker's records of all, and the runtime's data, index and arenas. */
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
    for (uintptr_t at = 0; magic__heap_owned(at, &lo, &hi); at = hi)
        add_skip(r, lo, hi);
    for (uintptr_t at = 0; magic_arena_owned(at, &lo, &hi); at = hi)
        add_skip(r, lo, hi);
    qsort(r->skip, r->n_skip, sizeof(*r->skip), by_address);
}

static int collect(struct st__transfer *t)
{
    struct collector r = { .t = t };

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

static int refuse_pointer(
    struct st__transfer *t, const struct st__slot *s, uintptr_t value, int code)
{
    char target[192], member[128];

    t->subject = s->subject;
    st__describe(t, value, target, sizeof(target));
    st__slot_path(s->type, s->offset, member, sizeof(member));
    return st__fail(t, code, NULL, s->type, "%s%spoints to %s, %s", member, member[0] ? " " : "",
        target,
        code == MAGIC_EUNPAIRED ? "which the new version does not have"
                                : "which cannot be followed");
}

static int store(struct st__transfer *t, const struct st__region *r, uintptr_t at, uintptr_t value)
{
    uintptr_t page = magic__os_page_down(at), next = page + magic__os_page_size();

    if (r->read_only && magic__os_protect(page, next, PROT_READ | PROT_WRITE) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "read-only library data cannot be changed");
    memcpy((void *) at, &value, sizeof(value));
    if (r->read_only && magic__os_protect(page, next, PROT_READ) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "library data cannot be protected again");
    return 0;
}

/* A word whose value leads to where something moved. */
static int forward_word(
    struct st__transfer *t, const struct st__region *r, uintptr_t at, uintptr_t value)
{
    struct st__slot slot;
    uintptr_t successor, tag;
    int moved;

    st__slot(t, at, &slot);
    tag = value & slot.tag;
    value -= tag;
    if (slot.kind == ST__SLOT_DEAD || st__is_older(t, value))
        return 0;
    moved = slot.kind == ST__SLOT_POINTER ? st__forward(t, value, slot.pointee, &successor)
                                          : st__forward_opaque(t, value, &successor);
    if (moved < 0 && slot.kind == ST__SLOT_POINTER && !slot.fresh)
        return refuse_pointer(t, &slot, value, moved);
    if (moved <= 0)
        return 0;
    if (slot.kind == ST__SLOT_POINTER)
        t->stats->ptrs_precise++;
    else
        t->stats->ptrs_conservative++;
    return store(t, r, at, successor | tag);
}

/* -- the loops --------------------------------------------------------------------------------- */

#define BLOCK 16

/* True if more than the old image moved, so that a word is looked up in the marks. */
static bool by_marks(const struct st__transfer *t)
{
    return t->heap_changed || t->n_tls;
}

/* True if a word leads into the old image, the frames that were left, or older generations: all
 * that can have moved while no heap object did. */
static inline bool leads_away(const struct st__transfer *t, uintptr_t word)
{
    return (word - t->old->span.lo < t->old->span.hi - t->old->span.lo) |
           (word - t->frames.lo < t->frames.hi - t->frames.lo) |
           (word - t->older.lo < t->older.hi - t->older.lo);
}

/* Only the old image moved: ranges to compare with, a block of words at a time. */
static int scan_for_image(struct st__transfer *t, const struct st__region *r)
{
    const uintptr_t *p = (const uintptr_t *) r->lo, *end = (const uintptr_t *) r->hi;

    while (p < end) {
        unsigned n = end - p < BLOCK ? (unsigned) (end - p) : BLOCK, any = 0;

        for (unsigned i = 0; i < n; i++)
            any |= leads_away(t, p[i]);
        for (unsigned i = 0; any && i < n; i++) {
            int err = leads_away(t, p[i]) ? forward_word(t, r, (uintptr_t) &p[i], p[i]) : 0;

            if (err)
                return err;
        }
        p += n;
    }
    return 0;
}

/* How many words before its turn an old object's first word, which has the new address, is
 * fetched: tables of pointers lead all over the heap. */
#define AHEAD 8

/* True, with its target on the way into the cache, if the word leads to where something moved. */
static unsigned look_ahead(const struct st__transfer *t, uintptr_t word)
{
    unsigned marked = st__is_marked(t->marks, word);

    if (marked)
        __builtin_prefetch((const void *) word);
    return marked;
}

static int scan_for_marks(struct st__transfer *t, const struct st__region *r)
{
    const uintptr_t *p = (const uintptr_t *) r->lo, *end = (const uintptr_t *) r->hi;
    unsigned marked = 0; /* a bit for each word from p + AHEAD back to p */

    for (unsigned i = 0; i < AHEAD; i++)
        marked = marked << 1 | (p + i < end ? look_ahead(t, p[i]) : 0);
    for (; p < end; p++) {
        marked = marked << 1 | (p + AHEAD < end ? look_ahead(t, p[AHEAD]) : 0);
        if (marked >> AHEAD & 1) {
            int err = forward_word(t, r, (uintptr_t) p, *p);

            if (err)
                return err;
        }
    }
    return 0;
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

int st__scan_word(struct st__transfer *t, uintptr_t at)
{
    const struct st__region here = { at, at + sizeof(at), false };
    uintptr_t word;
    bool moved;

    memcpy(&word, (const void *) at, sizeof(word));
    moved = by_marks(t) ? st__is_marked(t->marks, word) : leads_away(t, word);
    return moved ? forward_word(t, &here, at, word) : 0;
}

static int scan_piece(struct st__transfer *t, const struct st__region *r)
{
    t->stats->bytes_scanned += r->hi - r->lo;
    return by_marks(t) ? scan_for_marks(t, r) : scan_for_image(t, r);
}

/* -- on all cores ------------------------------------------------------------------------------ */

#define PIECE         ((uintptr_t) 4 << 20)
#define WORTH_SHARING ((uintptr_t) 32 << 20)

struct sharing {
    struct st__transfer *t;
    uintptr_t next; /* bytes taken so far, over all regions one after the other */
    uintptr_t total;
    int failed;            /* some piece met an error */
    struct st__region bad; /* that piece */
};

/* The piece of the next PIECE bytes that lie in one region; false when all are taken. */
static bool take_piece(struct sharing *s, struct st__region *piece)
{
    uintptr_t at = __atomic_fetch_add(&s->next, PIECE, __ATOMIC_RELAXED), start = 0;

    if (at >= s->total || __atomic_load_n(&s->failed, __ATOMIC_RELAXED))
        return false;
    for (size_t i = 0; i < s->t->n_regions; i++) {
        const struct st__region *g = &s->t->regions[i];
        uintptr_t size = (g->hi - g->lo + PIECE - 1) / PIECE * PIECE;

        if (at < start + size) {
            *piece = *g;
            piece->lo += at - start;
            if (piece->hi - piece->lo > PIECE)
                piece->hi = piece->lo + PIECE;
            return true;
        }
        start += size;
    }
    return false;
}

static void add_stats(struct st_stats *to, const struct st_stats *from)
{
    __atomic_fetch_add(&to->ptrs_precise, from->ptrs_precise, __ATOMIC_RELAXED);
    __atomic_fetch_add(&to->ptrs_conservative, from->ptrs_conservative, __ATOMIC_RELAXED);
    __atomic_fetch_add(&to->bytes_scanned, from->bytes_scanned, __ATOMIC_RELAXED);
    for (size_t i = 0; i < ST_POLICIES_MAX; i++)
        __atomic_fetch_add(&to->decided[i], from->decided[i], __ATOMIC_RELAXED);
}

static void scan_share(void *ctx)
{
    struct sharing *s = ctx;
    struct st_stats stats = { 0 };
    struct st__transfer mine = *s->t;
    struct st__region piece;

    mine.stats = &stats;
    mine.error = NULL; /* so that nothing is described on a borrowed stack */
    while (take_piece(s, &piece))
        if (scan_piece(&mine, &piece) != 0 && !__atomic_exchange_n(&s->failed, 1, __ATOMIC_RELAXED))
            s->bad = piece;
    add_stats(s->t->stats, &stats);
}

int st__scan(struct st__transfer *t)
{
    struct sharing s = { .t = t };
    int err = collect(t);

    if (err)
        return err;
    for (size_t i = 0; i < t->n_regions; i++) {
        const struct st__region *g = &t->regions[i];

        s.total += (g->hi - g->lo + PIECE - 1) / PIECE * PIECE;
    }
    magic__os_parallel(s.total > WORTH_SHARING ? magic__os_cores() : 1, scan_share, &s);
    return s.failed ? scan_piece(t, &s.bad) : 0;
}
