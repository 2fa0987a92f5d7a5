/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory of the heap index: mapped by itself, because the service's heap is what it describes.
 *
 * Page records come from runs that each stripe takes off a common chunk. Each mapping has a head
 * that links it to the others, so that a scan of the process's memory can leave the index out.
 */
#include <errno.h>
#include <sys/mman.h>

#include "heap/heap_internal.h"

enum {
    RUN = 1024,                     /* bytes a stripe takes at a time */
    CHUNK_MIN = 1 << 18,
    CHUNK_MAX = 1 << 24,
};

/* Head of each mapping, linked newest first. */
struct mapping {
    struct mapping *next;
    size_t size;                    /* bytes, this head included */
} __attribute__((aligned(64)));

static struct mapping *mappings;
static struct {
    uint32_t lock;
    char *bump;
    size_t left;                    /* bytes at bump */
    size_t next_chunk;              /* bytes of the chunk to map next */
} pool = { .next_chunk = CHUNK_MIN };

struct magic__heap_root magic__root = {
    .magic = MAGIC__HEAP_MAGIC,
    .version = MAGIC__HEAP_VERSION,
    .kind_size = sizeof(struct magic__kind),
    .region_size = sizeof(struct magic__heap_region),
    .n_kinds = 1,
    .kinds = (uintptr_t)magic__tables.kinds,
    .regions = (uintptr_t)magic__tables.regions,
    .regions_used = (uintptr_t)magic__tables.regions_used,
};

const void *magic__heap_root(void)
{
    return &magic__root;
}

void *magic__index_map(size_t size)
{
    int saved = errno;
    size += sizeof(struct mapping);
    struct mapping *m = mmap(NULL, size, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (m == MAP_FAILED) {
        errno = saved;
        return NULL;
    }
    /* Regions are sparse: a huge page would make 2 MiB of a few touched words. */
    madvise(m, size, MADV_NOHUGEPAGE);
    errno = saved;
    m->size = size;
    m->next = __atomic_load_n(&mappings, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&mappings, &m->next, m, 1, __ATOMIC_RELEASE,
        __ATOMIC_RELAXED))
        ;
    return m + 1;
}

/* Take a run of at least `size` bytes for a stripe from the pool. */
static char *take_run(size_t size)
{
    char *run = NULL;
    magic__lock(&pool.lock);
    if (pool.left < size) {
        char *chunk = magic__index_map(pool.next_chunk);
        if (chunk) {
            pool.bump = chunk;
            pool.left = pool.next_chunk;
            if (pool.next_chunk < CHUNK_MAX)
                pool.next_chunk *= 2;
        }
    }
    if (pool.left >= size) {
        run = pool.bump;
        pool.bump += size;
        pool.left -= size;
    }
    magic__unlock(&pool.lock);
    return run;
}

static void push_free(struct magic__stripe *stripe, void *rec, unsigned units)
{
    *(void **)rec = stripe->free[units];
    stripe->free[units] = rec;
}

struct magic__heap_page *magic__record_alloc(struct magic__stripe *stripe, unsigned units)
{
    void *rec = stripe->free[units];
    size_t size = units * MAGIC__UNIT;
    if (rec) {
        stripe->free[units] = *(void **)rec;
    } else {
        if (stripe->left < size) {
            size_t run_size = size > RUN ? size : RUN;
            char *run = take_run(run_size);
            if (!run)
                return NULL;
            /* What is left of the old run is a record too, unless it is smaller than any. */
            if (stripe->left >= MAGIC__RECORD_MIN)
                push_free(stripe, stripe->bump, stripe->left / MAGIC__UNIT);
            stripe->bump = run;
            stripe->left = (uint32_t)run_size;
        }
        rec = stripe->bump;
        stripe->bump += size;
        stripe->left -= (uint32_t)size;
    }
    stripe->bytes += size;
    return rec;
}

void magic__record_free(struct magic__stripe *stripe, struct magic__heap_page *rec, unsigned units)
{
    push_free(stripe, rec, units);
    stripe->bytes -= units * MAGIC__UNIT;
}

void magic__pool_unlock(void)
{
    magic__unlock(&pool.lock);
}

void magic__pool_lock(void)
{
    magic__lock(&pool.lock);
}

/* Make [lo, hi) the result if it ends after `from` and starts before what was found so far. */
static int narrow(uintptr_t from, uintptr_t start, size_t size, uintptr_t *lo, uintptr_t *hi)
{
    if (start + size <= from || start >= *lo)
        return 0;
    *lo = start;
    *hi = start + size;
    return 1;
}

int magic__heap_owned(uintptr_t from, uintptr_t *lo, uintptr_t *hi)
{
    uintptr_t first = UINTPTR_MAX, end = 0;
    int found = narrow(from, (uintptr_t)&magic__tables, sizeof(magic__tables), &first, &end);
    for (struct mapping *m = mappings; m; m = m->next)
        found |= narrow(from, (uintptr_t)m, m->size, &first, &end);
    if (found) {
        *lo = first;
        *hi = end;
    }
    return found;
}

int magic__heap_owns(uintptr_t addr)
{
    uintptr_t lo, hi;
    return magic__heap_owned(addr, &lo, &hi) && lo <= addr;
}

void magic__heap_stats(struct magic__heap_stats *ret)
{
    *ret = (struct magic__heap_stats){ .mapped_bytes = sizeof(magic__tables) };
    for (struct mapping *m = __atomic_load_n(&mappings, __ATOMIC_ACQUIRE); m; m = m->next)
        ret->mapped_bytes += m->size;
    for (int i = 0; i < MAGIC__STRIPES; i++) {
        struct magic__stripe *stripe = &magic__stripes[i];
        magic__lock(&stripe->lock);
        ret->objects += stripe->objects;
        ret->pages += stripe->pages;
        ret->record_bytes += stripe->bytes;
        magic__unlock(&stripe->lock);
    }
}
