/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A walk over a whole forwarding map: see map.h.
 */
#include <inttypes.h>

#include "st/map.h"

/* Entry `i` is malformed. */
static bool bad(struct magic_error *err, size_t i, const char *why)
{
    magic_error_set(err, MAGIC_EBADMSTATE, "forwarding map: entry %zu: %s", i, why);
    return false;
}

static bool entry_is_valid(const struct st__map *map, size_t i, struct magic_error *err)
{
    const struct st__moved *m = st__map_at(map, i), *before = i ? st__map_at(map, i - 1) : NULL;
    uintptr_t last = m->o + m->size - 1;

    if (!m->size || m->o >> 47 || last >> 47)
        return bad(err, i, "no user's memory");
    if (before && m->o < before->o + before->size)
        return bad(err, i, "it begins before the end of the one before it");
    for (uintptr_t g = m->o >> ST__MAP_GIB_BITS; g <= last >> ST__MAP_GIB_BITS; g++)
        if (!map->gib[g])
            return bad(err, i, "no pages are known where it lies");
    return true;
}

/* The numbers of the pages of one GiB; `*i` is the first entry that does not begin before it. */
static bool pages_are_valid(
    const struct st__map *map, uintptr_t g, size_t *i, struct magic_error *err)
{
    for (size_t page = 0; page <= ST__MAP_PAGES; page++) {
        uintptr_t start = (g << ST__MAP_GIB_BITS) + (page << ST__MAP_PAGE_BITS);

        while (*i < map->n && st__map_at(map, *i)->o < start)
            ++*i;
        if (map->gib[g][page] == *i)
            continue;
        magic_error_set(err, MAGIC_EBADMSTATE,
            "forwarding map: page %#" PRIxPTR ": its number is %" PRIu32 ", should be %zu", start,
            map->gib[g][page], *i);
        return false;
    }
    return true;
}

bool st__map_is_valid(const struct st__map *map, struct magic_error *err)
{
    size_t first = 0;

    if (map->filled != (uint64_t) ST__MAP_GIBS * ST__MAP_PAGES) {
        magic_error_set(err, MAGIC_EBADMSTATE, "forwarding map: it was not closed");
        return false;
    }
    for (size_t i = 0; i < map->n; i++)
        if (!entry_is_valid(map, i, err))
            return false;
    for (uintptr_t g = 0; g < ST__MAP_GIBS; g++)
        if (map->gib[g] && !pages_are_valid(map, g, &first, err))
            return false;
    return true;
}
