/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The forwarding map; see map.h.
 */
#include <magic/error.h>

#include "st/map.h"

struct st__map *st__map_create(void)
{
    struct magic_arena arena = { 0 };
    struct st__map *map = magic_arena_alloc(&arena, sizeof(*map));

    if (map)
        map->arena = arena;
    return map;
}

void st__map_destroy(struct st__map *map)
{
    struct magic_arena arena;

    if (!map)
        return;
    arena = map->arena;
    magic_arena_deinit(&arena);
}

/* All pages before `page` that do not know it yet: what is in the map begins before them. The end of a
 * GiB is the first page of the next one. */
static void fill(struct st__map *map, uint64_t page)
{
    while (map->filled < page) {
        uint64_t g = map->filled / ST__MAP_PAGES, end = (g + 1) * ST__MAP_PAGES;
        uint32_t *pages = map->gib[g];

        if (map->filled == g * ST__MAP_PAGES && g > 0 && map->gib[g - 1])
            map->gib[g - 1][ST__MAP_PAGES] = (uint32_t) map->n;
        end = end < page ? end : page;
        for (uint64_t i = map->filled; pages && i < end; i++)
            pages[i % ST__MAP_PAGES] = (uint32_t) map->n;
        map->filled = end;
    }
}

/* An object's bytes can be asked for wherever they lie. */
static int make_tables(struct st__map *map, uintptr_t lo, uintptr_t last)
{
    for (uintptr_t g = lo >> ST__MAP_GIB_BITS; g <= last >> ST__MAP_GIB_BITS; g++) {
        if (map->gib[g])
            continue;
        map->gib[g] = magic_arena_array(&map->arena, ST__MAP_PAGES + 1, sizeof(*map->gib[g]));
        if (!map->gib[g])
            return MAGIC_ENOMEM;
    }
    return 0;
}

static bool in_order(const struct st__map *map, const struct st__moved *m)
{
    const struct st__moved *last = map->n ? st__map_at(map, map->n - 1) : NULL;

    return m->size && !(m->o >> 47) && !((m->o + m->size - 1) >> 47) &&
           (!last || m->o >= last->o + last->size);
}

int st__map_add(struct st__map *map, struct st__moved m)
{
    struct st__moved **chunk = &map->chunks[map->n / ST__MAP_CHUNK];

    if (!in_order(map, &m))
        return MAGIC_EINVAL;
    if (map->n >= (size_t) ST__MAP_CHUNK * ST__MAP_CHUNKS - 1)
        return MAGIC_ENOMEM;
    if (!*chunk)
        *chunk = magic_arena_array(&map->arena, ST__MAP_CHUNK, sizeof(**chunk));
    if (!*chunk || make_tables(map, m.o, m.o + m.size - 1) != 0)
        return MAGIC_ENOMEM;
    fill(map, (m.o >> ST__MAP_PAGE_BITS) + 1);
    *st__map_at(map, map->n++) = m;
    return 0;
}

void st__map_close(struct st__map *map)
{
    fill(map, (uint64_t) ST__MAP_GIBS * ST__MAP_PAGES);
    if (map->gib[ST__MAP_GIBS - 1])
        map->gib[ST__MAP_GIBS - 1][ST__MAP_PAGES] = (uint32_t) map->n;
}

const struct st__moved *st__map_find(const struct st__map *map, uintptr_t addr)
{
    const uint32_t *pages = addr >> 47 ? NULL : map->gib[addr >> ST__MAP_GIB_BITS];
    size_t page = (addr >> ST__MAP_PAGE_BITS) % ST__MAP_PAGES, lo, hi;
    const struct st__moved *m;

    if (!pages)
        return NULL;
    lo = pages[page];
    hi = pages[page + 1];
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (st__map_at(map, mid)->o <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0)
        return NULL;
    m = st__map_at(map, lo - 1);
    return addr - m->o < m->size ? m : NULL;
}
