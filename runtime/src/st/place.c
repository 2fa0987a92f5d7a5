/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The memory that a heap object lies in: whose it is, and how much of it the object may have.
 *
 * A block of the allocator has as many bytes as the allocator says. A sub-object of a pool has those it
 * was given and no more: what follows is the pool's. A mapping has whole pages, which may be shared with
 * other processes, the old instance among them.
 */
#include "os/os.h"
#include "st/transfer.h"

struct look {
    uintptr_t addr;
    bool private;
};

static int look_at_map(void *ctx, const struct magic__map *map)
{
    struct look *look = ctx;

    if (look->addr >= map->hi)
        return 0;
    look->private = look->addr >= map->lo && !map->shared;
    return 1;
}

bool st__is_private(const struct magic__object *obj)
{
    struct look look = { .addr = obj->addr };

    return magic__os_maps(look_at_map, &look) >= 0 && look.private;
}

bool st__has_room(const struct magic__object *obj, uint64_t size, uint64_t align)
{
    uint32_t flags = magic__kind(obj->kind)->flags;

    if (align && obj->addr % align)
        return false;
    if (flags & MAGIC_SITE_POOL)
        return size <= obj->size;
    if (flags & MAGIC_SITE_MAPPED)
        return size <= magic__os_page_up(obj->addr + obj->size) - obj->addr;
    return size <= magic__heap_usable((void *) obj->addr);
}
