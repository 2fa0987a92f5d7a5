/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Kinds: 16-bit numbers for what the objects of an allocation site are.
 *
 * A site caches its number, so that a typed allocation costs one load to find it. A site that has
 * no kind, and never will, caches NO_KIND.
 */
#include "heap/heap_internal.h"

#define NO_KIND UINT32_MAX

static uint32_t kinds_lock;

/* Released kinds, chained through elem_size; 0 ends the chain. */
static uint32_t released;

void magic__kinds_lock(void)
{
    magic__lock(&kinds_lock);
}

void magic__kinds_unlock(void)
{
    magic__unlock(&kinds_lock);
}

uint32_t magic__kind_count(void)
{
    return __atomic_load_n(&magic__root.n_kinds, __ATOMIC_ACQUIRE);
}

struct magic__kind *magic__kind(uint32_t kind)
{
    return &magic__tables.kinds[kind % MAGIC__HEAP_KINDS];
}

static int is_typed(const struct magic_site_rec *site)
{
    return site->type && !(site->flags & MAGIC_SITE_LEAF) && site->elem_size &&
        site->elem_size <= UINT32_MAX;
}

/* A number nobody uses, or 0. pre: kinds_lock is held. */
static uint32_t take_number(void)
{
    uint32_t kind = released, n = magic__root.n_kinds;
    if (kind) {
        released = magic__tables.kinds[kind].elem_size;
        return kind;
    }
    if (n >= MAGIC__HEAP_KINDS)
        return 0;
    __atomic_store_n(&magic__root.n_kinds, n + 1, __ATOMIC_RELEASE);
    return n;
}

uint32_t magic__kind_new(void)
{
    magic__lock(&kinds_lock);
    uint32_t kind = take_number();
    if (kind)
        magic__tables.kinds[kind] = (struct magic__kind){0};
    magic__unlock(&kinds_lock);
    return kind;
}

void magic__kind_release(uint32_t kind)
{
    magic__lock(&kinds_lock);
    magic__tables.kinds[kind] = (struct magic__kind){.elem_size = released};
    released = kind;
    magic__unlock(&kinds_lock);
}

/* Number a site for the first time; `site->kind` is its number or NO_KIND afterwards. */
static uint32_t number_site(struct magic_site_rec *site)
{
    magic__lock(&kinds_lock);
    uint32_t kind = site->kind;
    if (kind == 0) {
        kind = is_typed(site) ? take_number() : 0;
        if (kind) {
            magic__tables.kinds[kind] = (struct magic__kind){
                .type = MAGIC_REF_PTR(site->type),
                .site = site,
                .elem_size = (uint32_t)site->elem_size,
                .flags = site->flags & (MAGIC_SITE_SINGLE | MAGIC_SITE_ARRAY | MAGIC_SITE_TAIL |
                    MAGIC_SITE_POOL | MAGIC_SITE_MAPPED | MAGIC_SITE_LATE),
            };
        } else {
            kind = NO_KIND;
        }
        __atomic_store_n(&site->kind, kind, __ATOMIC_RELEASE);
    }
    magic__unlock(&kinds_lock);
    return kind;
}

uint32_t magic__kind_of_site(struct magic_site_rec *site)
{
    uint32_t kind = __atomic_load_n(&site->kind, __ATOMIC_ACQUIRE);
    if (__builtin_expect(kind == 0, 0))
        kind = number_site(site);
    return kind == NO_KIND ? 0 : kind;
}
