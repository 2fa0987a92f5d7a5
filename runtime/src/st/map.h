/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The forwarding map: the old heap objects that have a successor, or whose type is gone.
 *
 * It lies apart from the objects, which stay as they were until the commit: whoever looks at the old
 * state finds it, and no page is copied for it. Objects come in the order of their addresses, so the map
 * is an array of them and, for each page, the number of those that begin before it. It has memory of
 * its own, because it outlives the transfer: reclaim.c frees the objects by it.
 */
#ifndef ST_MAP_H
#define ST_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <magic/arena.h>
#include <magic/error.h>

/** An old object. */
struct st__moved {
    uintptr_t o, n;     /**< where it begins and its successor does; equal: it stayed */
    uint64_t size : 48; /**< bytes, of the old one */
    uint64_t kind : 16; /**< of the old one */
};

enum {
    ST__MAP_CHUNK = 1 << 16, /**< entries that are allocated at once */
    ST__MAP_CHUNKS = 1 << 15,
    ST__MAP_PAGE_BITS = 12,
    ST__MAP_GIB_BITS = 30,
    ST__MAP_PAGES = 1 << (ST__MAP_GIB_BITS - ST__MAP_PAGE_BITS),
    ST__MAP_GIBS = 1 << (47 - ST__MAP_GIB_BITS),
};

struct st__map {
    struct magic_arena arena; /**< this structure lies in it, too */
    size_t n;                 /**< entries */
    uint64_t filled;          /**< pages before this one know their number */
    uint32_t
        *gib[ST__MAP_GIBS]; /**< by address >> 30, or NULL: by page, and for the end, the number of
                                    entries that begin before it */
    struct st__moved *chunks[ST__MAP_CHUNKS];
};

/** An empty map, or NULL when memory is out. */
struct st__map *st__map_create(void);
/** Give its memory back; NULL is none. */
void st__map_destroy(struct st__map *map);

/** Add an object that lies behind all others in the map. Errors: MAGIC_ENOMEM; MAGIC_EINVAL it does
 * not, or has no bytes, or is not at a user address. */
__attribute__((warn_unused_result)) int st__map_add(struct st__map *map, struct st__moved m);
/** No more will be added: now look-ups find all. */
void st__map_close(struct st__map *map);

/** Entry `i` of `n`. */
static inline struct st__moved *st__map_at(const struct st__map *map, size_t i)
{
    return &map->chunks[i / ST__MAP_CHUNK][i % ST__MAP_CHUNK];
}

/** The object that holds byte `addr`, or NULL. Any address may be asked for. pre: closed. */
const struct st__moved *st__map_find(const struct st__map *map, uintptr_t addr);
/** Have the cache ready for a look-up. */
static inline void st__map_prefetch(const struct st__map *map, uintptr_t addr)
{
    const uint32_t *pages = map->gib[addr >> ST__MAP_GIB_BITS];
    size_t i = pages ? pages[(addr >> ST__MAP_PAGE_BITS) % ST__MAP_PAGES] : map->n;

    if (i < map->n)
        __builtin_prefetch(st__map_at(map, i));
}

/** Walk a whole map, for debug builds and tests: whether entries are in order and do not overlap, and the
 * numbers of all pages are right. False with what is malformed in `err`, which may be NULL:
 * MAGIC_EBADMSTATE. pre: closed. */
bool st__map_is_valid(const struct st__map *map, struct magic_error *err);

#endif
