/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Freeing the old copies of objects that moved, after the commit, a few at a time.
 *
 * Freeing writes to every page that has such an object. While the old instance sleeps each of them
 * would be copied, and the pause grow by that; afterwards there is nothing to copy, and no hurry. Until
 * an object is freed its block stays allocated, so that its address is nobody else's, and it keeps its
 * record in the heap index under a kind that says that it is dead. An update that comes before all are
 * freed finds them so, and leaves them alone.
 */
#include "st/transfer.h"

/** The objects of one transfer. */
struct dead {
    struct dead *next;
    struct st__map *map; /**< in whose memory this lies */
    size_t at;           /**< entries before this one are done */
};

static struct dead *oldest, **newest = &oldest;

int st__reclaim_later(struct st__map *map)
{
    struct dead *dead = magic_arena_alloc(&map->arena, sizeof(*dead));

    if (!dead)
        return MAGIC_ENOMEM;
    *dead = (struct dead) { .map = map };
    *newest = dead;
    newest = &dead->next;
    return 0;
}

/* A pool's sub-objects and mappings are not the allocator's. A block that the program has freed, through
 * a pointer that nobody could see, has no record any more. */
static void free_object(const struct st__moved *m)
{
    const uint32_t elsewhere = MAGIC_SITE_POOL | MAGIC_SITE_MAPPED;
    uint32_t flags = magic__kind(m->kind)->flags;
    struct magic__object obj;

    if (m->n == m->o || !(flags & ST__KIND_DEAD) || !magic__heap_find(m->o, &obj) ||
        obj.addr != m->o || obj.kind != m->kind || !magic__heap_remove(m->o, NULL))
        return;
    if (!(flags & elsewhere))
        magic__heap_free((void *) m->o);
}

/* No object is dead any more: the numbers of their kinds can be used again. */
static void release_kinds(void)
{
    for (uint32_t i = magic__kind_count(); i-- > 1;)
        if (magic__kind(i)->flags & ST__KIND_DEAD)
            magic__kind_release(i);
}

static void end_oldest(void)
{
    struct dead *dead = oldest;

    oldest = dead->next;
    st__map_destroy(dead->map);
    if (oldest)
        return;
    newest = &oldest;
    release_kinds();
}

size_t st_reclaim(size_t max)
{
    size_t left = 0;

    while (oldest && max > 0) {
        size_t todo = oldest->map->n - oldest->at, n = todo < max ? todo : max;

        for (size_t i = 0; i < n; i++)
            free_object(st__map_at(oldest->map, oldest->at++));
        max -= n;
        if (oldest->at == oldest->map->n)
            end_oldest();
    }
    for (const struct dead *dead = oldest; dead; dead = dead->next)
        left += dead->map->n - dead->at;
    return left;
}
