/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Walking a copy of the heap index: regions, pages that have a record, the record's entries.
 */
#include "heap.h"

#include <stdlib.h>
#include <string.h>

#include "heap/heap.h"
#include "heap/heap_layout.h"

enum {
    PAGE_WORDS = MAGIC__HEAP_PAGES / 64,
    START_WORDS = MAGIC__HEAP_GRANULES / 64,
    RECORD_UNIT = 16,
    /* The object around an address starts on the last page before it at which a live one starts;
     * a page that only looked alive is passed over, so often. */
    LOOK_BACK = 4,
};

/* One page's record, as large as it can be. */
struct page_copy {
    uint64_t starts[START_WORDS];
    struct magic__heap_entry entries[MAGIC__HEAP_GRANULES + 4];
    bool uniform; /* a struct magic__heap_uniform, from the page_copy's start */
};

typedef void (*object_cb)(void *ctx, uint64_t addr, uint64_t size, uint32_t kind);

static int read_root(
    const struct source *source, struct magic__heap_root *root, struct magic_error *err)
{
    if (source->heap == 0)
        return magic_error_set(err, MAGIC_ENOENT, "no heap index");
    if (source_read(source, source->heap, root, sizeof(*root)) != 0 ||
        root->magic != MAGIC__HEAP_MAGIC)
        return magic_error_set(
            err, MAGIC_EFORMAT, "no heap index at 0x%llx", (unsigned long long) source->heap);
    if (root->version != MAGIC__HEAP_VERSION || root->kind_size != sizeof(struct magic__kind) ||
        root->region_size != sizeof(struct magic__heap_region))
        return magic_error_set(err, MAGIC_EABI, "heap index of version %u, this tool knows %u",
            root->version, MAGIC__HEAP_VERSION);
    if (root->n_kinds > MAGIC__HEAP_KINDS)
        return magic_error_set(err, MAGIC_EFORMAT, "heap index: too many kinds");
    return 0;
}

/* Copy the record that a page word leads to; what the word says is too short stays zero. */
static bool read_page(const struct source *source, uint64_t word, struct page_copy *ret)
{
    size_t size = (size_t) MAGIC__HEAP_WORD_UNITS(word) * RECORD_UNIT;
    memset(ret, 0, sizeof(*ret));
    if (word == 0 || MAGIC__HEAP_WORD_LIVE(word) == 0)
        return false;
    ret->uniform = size == 0;
    if (ret->uniform)
        size = sizeof(struct magic__heap_uniform);
    if (size > offsetof(struct page_copy, uniform))
        size = offsetof(struct page_copy, uniform);
    return source_read(source, MAGIC__HEAP_WORD_ADDR(word), ret, size) == 0;
}

/* Call back for each live object of a page. */
static void walk_page(const struct page_copy *page, uint64_t addr, object_cb cb, void *ctx)
{
    unsigned slot = 0;
    for (unsigned granule = 0; granule < MAGIC__HEAP_GRANULES; granule++) {
        if (!(page->starts[granule / 64] >> granule % 64 & 1))
            continue;
        const struct magic__heap_entry *entry =
            page->uniform
                ? magic__heap_uniform_entry((const struct magic__heap_uniform *) page, granule)
                : &page->entries[slot++];
        uint64_t size = entry->size;
        if (entry->size == MAGIC__HEAP_LARGE)
            memcpy(&size, entry + 1, sizeof(size));
        if (entry->kind)
            cb(ctx,
                addr + ((uint64_t) granule << MAGIC__HEAP_GRANULE_BITS) +
                    (entry->kind & MAGIC__HEAP_HALF ? 8 : 0),
                size, entry->kind & (MAGIC__HEAP_HALF - 1));
    }
}

static bool bit_is_set(const uint64_t *bits, size_t i)
{
    return bits[i / 64] >> i % 64 & 1;
}

static uint64_t region_at(
    const struct source *source, const struct magic__heap_root *root, size_t index)
{
    uint64_t addr;
    return source_read(source, root->regions + 8 * index, &addr, 8) == 0 ? addr : 0;
}

static void walk_region(
    const struct source *source, uint64_t region, uint64_t base, object_cb cb, void *ctx)
{
    static uint64_t used[PAGE_WORDS];
    uint64_t words[64];
    struct page_copy page;
    if (source_read(
            source, region + offsetof(struct magic__heap_region, used), used, sizeof(used)) != 0)
        return;
    for (size_t i = 0; i < PAGE_WORDS; i++) {
        if (!used[i] || source_read(source,
                            region + offsetof(struct magic__heap_region, words) + i * sizeof(words),
                            words, sizeof(words)) != 0)
            continue;
        for (size_t k = 0; k < 64; k++)
            if (bit_is_set(used + i, k) && read_page(source, words[k], &page))
                walk_page(&page, base + ((i * 64 + k) << MAGIC__HEAP_PAGE_BITS), cb, ctx);
    }
}

static int read_kind(const struct source *source, const struct magic__heap_root *root,
    uint32_t number, struct heap_kind *ret)
{
    /* The process's pointers as numbers; the layout is that of struct magic__kind. */
    struct {
        uint64_t type, site;
        uint32_t elem_size, flags;
    } kind;
    _Static_assert(sizeof(kind) == sizeof(struct magic__kind), "kind");
    if (source_read(source, root->kinds + number * sizeof(kind), &kind, sizeof(kind)) != 0)
        return MAGIC_EFAULT;
    memset(ret, 0, sizeof(*ret));
    ret->type = magic_table_type_at(source->table, kind.type - source->env.base);
    uint64_t site = kind.site - source->env.base;
    size_t lo = 0, hi = source->table->n_sites;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (source->table->sites[mid].addr < site)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo < source->table->n_sites && source->table->sites[lo].addr == site)
        ret->site = &source->table->sites[lo];
    ret->is_sub = kind.flags & MAGIC_SITE_POOL;
    return 0;
}

static void count_object(void *ctx, uint64_t addr, uint64_t size, uint32_t kind)
{
    struct heap_summary *summary = ctx;
    (void) addr;
    if (kind >= summary->n)
        return;
    summary->kinds[kind].objects++;
    summary->kinds[kind].bytes += size;
    summary->objects++;
    summary->bytes += size;
}

static int count_all(struct heap_summary *summary, const struct source *source,
    const struct magic__heap_root *root, struct magic_error *err)
{
    static uint64_t used[MAGIC__HEAP_REGIONS / 64];
    for (uint32_t i = 1; i < summary->n; i++)
        if (read_kind(source, root, i, &summary->kinds[i]) != 0)
            return magic_error_set(err, MAGIC_EFORMAT, "heap index: kinds cannot be read");
    if (source_read(source, root->regions_used, used, sizeof(used)) != 0)
        return magic_error_set(err, MAGIC_EFORMAT, "heap index: regions cannot be read");
    for (size_t i = 0; i < MAGIC__HEAP_REGIONS; i++) {
        uint64_t region = bit_is_set(used, i) ? region_at(source, root, i) : 0;
        if (region)
            walk_region(
                source, region, (uint64_t) i << MAGIC__HEAP_REGION_BITS, count_object, summary);
    }
    return 0;
}

int heap_summary_init(
    struct heap_summary *summary, const struct source *source, struct magic_error *err)
{
    struct magic__heap_root root;
    memset(summary, 0, sizeof(*summary));
    int r = read_root(source, &root, err);
    if (r != 0)
        return r;
    summary->n = root.n_kinds;
    summary->kinds = calloc(summary->n ? summary->n : 1, sizeof(*summary->kinds));
    if (!summary->kinds)
        return magic_error_set(err, MAGIC_ENOMEM, "out of memory");
    return count_all(summary, source, &root, err);
}

void heap_summary_deinit(struct heap_summary *summary)
{
    free(summary->kinds);
    summary->kinds = NULL;
}

/* A search for the object around an address. */
struct finder {
    uint64_t addr;
    struct heap_object object;
    uint32_t kind;
    bool found;
};

static void find_object(void *ctx, uint64_t addr, uint64_t size, uint32_t kind)
{
    struct finder *finder = ctx;
    if (addr > finder->addr || finder->addr - addr >= size)
        return;
    finder->object.addr = addr;
    finder->object.size = size;
    finder->kind = kind;
    finder->found = true;
}

/* Look at the pages with a record from `page` of a region downwards. */
static void find_in_region(
    const struct source *source, uint64_t region, uint64_t base, size_t page, struct finder *finder)
{
    static uint64_t used[PAGE_WORDS];
    struct page_copy copy;
    uint64_t word;
    unsigned looked = 0;
    if (source_read(
            source, region + offsetof(struct magic__heap_region, used), used, sizeof(used)) != 0)
        return;
    for (size_t i = page + 1; i-- > 0 && looked < LOOK_BACK && !finder->found;) {
        if (used[i / 64] == 0) {
            i -= i % 64;
            continue;
        }
        if (!bit_is_set(used, i) ||
            source_read(source, region + offsetof(struct magic__heap_region, words) + i * 8, &word,
                8) != 0 ||
            !read_page(source, word, &copy))
            continue;
        looked++;
        walk_page(&copy, base + ((uint64_t) i << MAGIC__HEAP_PAGE_BITS), find_object, finder);
    }
}

bool heap_find(const struct source *source, uint64_t addr, struct heap_object *ret)
{
    struct finder finder = { .addr = addr };
    struct magic__heap_root root;
    struct heap_kind kind;
    if (addr >> MAGIC__HEAP_ADDR_BITS || read_root(source, &root, NULL) != 0)
        return false;
    size_t index = addr >> MAGIC__HEAP_REGION_BITS;
    size_t page = (addr >> MAGIC__HEAP_PAGE_BITS) % MAGIC__HEAP_PAGES;
    for (unsigned i = 0; i < 2 && !finder.found; i++, page = MAGIC__HEAP_PAGES - 1) {
        uint64_t region = index >= i ? region_at(source, &root, index - i) : 0;
        if (region)
            find_in_region(
                source, region, (uint64_t) (index - i) << MAGIC__HEAP_REGION_BITS, page, &finder);
    }
    if (!finder.found || finder.kind >= root.n_kinds ||
        read_kind(source, &root, finder.kind, &kind) != 0)
        return false;
    *ret = finder.object;
    ret->type = kind.type;
    return true;
}
