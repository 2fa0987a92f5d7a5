/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Allocation sites at run time: which record a block gets.
 *
 * The pass leaves the address of a site's record in __magic_site around an allocation call. Around
 * a call that nobody knows to allocate it leaves MAGIC_SITE_COLLECT there. Blocks that are allocated
 * meanwhile get a record of a kind without type, and the thread remembers the last few. When the
 * call has returned and there were any, __magic_late() types the one that the call gave back, if its
 * size is right, and takes the others' records away. The record is what makes that safe: it goes
 * when the block is freed, so what has one is the start of a live block whose size is known.
 */
#include "heap/heap_internal.h"
#include "heap/wrap.h"

enum { NOTED = 8 };

__thread struct magic_site_rec *__magic_site
    __attribute__((tls_model("initial-exec"), visibility("default")));

/* The last blocks noted by this thread; `next` is the place of the oldest. */
static __thread struct {
    uintptr_t at[NOTED];
    unsigned next;
} noted __attribute__((tls_model("initial-exec")));

static uint32_t noted_kind; /* 0: none yet */

int magic__wrap_off;

static int fits(const struct magic__kind *kind, size_t size)
{
    if (kind->flags & MAGIC_SITE_ARRAY)
        return size <= UINT32_MAX ? (uint32_t) size % kind->elem_size == 0
                                  : size % kind->elem_size == 0;
    return size >= kind->elem_size;
}

int magic__wrap_fits(const struct magic__kind *kind, size_t size)
{
    const uint32_t elsewhere = MAGIC_SITE_POOL | MAGIC_SITE_MAPPED;
    if ((kind->flags & (MAGIC_SITE_SINGLE | elsewhere)) == MAGIC_SITE_SINGLE)
        return size == kind->elem_size;
    return !(kind->flags & elsewhere) && fits(kind, size);
}

int magic__wrap_fits_elsewhere(const struct magic__kind *kind, size_t size)
{
    return kind->flags & MAGIC_SITE_SINGLE ? size == kind->elem_size : fits(kind, size);
}

/* Before the first record. What the preparation allocates is not of the current site. */
__attribute__((noinline)) static void prepare(void)
{
    static int prepared;
    struct magic_site_rec *site = __magic_site;
    if (__atomic_exchange_n(&prepared, 1, __ATOMIC_RELAXED))
        return;
    __magic_site = NULL;
    magic__heap_prepare();
    __magic_site = site;
}

uint32_t magic__wrap_kind_of(struct magic_site_rec *site)
{
    if (__builtin_expect(__atomic_load_n(&site->kind, __ATOMIC_RELAXED) == 0, 0))
        prepare();
    return magic__kind_of_site(site);
}

__attribute__((noinline)) static uint32_t kind_of_noted(size_t size)
{
    uint32_t kind = __atomic_load_n(&noted_kind, __ATOMIC_ACQUIRE);
    if (!kind) {
        prepare();
        uint32_t made = magic__kind_new();
        if (__atomic_compare_exchange_n(
                &noted_kind, &kind, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            kind = made;
        else if (made)
            magic__kind_release(made);
    }
    return size ? kind : 0;
}

uint32_t magic__wrap_kind(size_t size)
{
    struct magic_site_rec *site = __magic_site;
    if (!site || magic__wrap_off)
        return 0;
    if (__builtin_expect(!magic__wrap_is_site(site), 0))
        return kind_of_noted(size);
    uint32_t kind = magic__wrap_kind_of(site);
    return kind && magic__wrap_fits(magic__kind(kind), size) ? kind : 0;
}

/* Take a noted block's record away; its size, or 0 if it has gone or got another record since. */
static size_t take_noted(uintptr_t addr)
{
    struct magic__object object;
    if (!addr || !magic__heap_find(addr, &object) || object.addr != addr ||
        object.kind != noted_kind)
        return 0;
    return magic__heap_take(addr, &object) ? object.size : 0;
}

__attribute__((noinline)) static void note(uintptr_t addr)
{
    unsigned i = noted.next++ % NOTED;
    take_noted(noted.at[i]);
    noted.at[i] = addr;
    __magic_site = (struct magic_site_rec *) (uintptr_t) MAGIC_SITE_COLLECTED;
}

void *magic__wrap_record(void *p, size_t size, uint32_t kind)
{
    int result = p ? magic__heap_add((uintptr_t) p, size, kind) : MAGIC_EINVAL;
    if (__builtin_expect(kind == noted_kind, 0) && result == 0)
        note((uintptr_t) p);
    return p;
}

int magic__wrap_take(void *p, struct magic__object *ret)
{
    struct magic__object object;
    uintptr_t at = (uintptr_t) p;
    if (magic__heap_has_subs && magic__heap_find(at, &object) && object.addr == at &&
        magic__kind(object.kind)->flags & MAGIC_SITE_POOL)
        return 0;
    if (!magic__heap_take(at, &object) || object.kind == noted_kind)
        return 0;
    *ret = object;
    return 1;
}

void magic__wrap_forget(void *p)
{
    uintptr_t at = (uintptr_t) p;
    magic__heap_remove(at, NULL);
    if (!magic__heap_has_subs || !p)
        return;
    uintptr_t last = at + magic__next.usable(p) - 1;
    /* Most blocks lie on one page or two, and most of these have no record. */
    if (magic__heap_maybe(at) || magic__heap_maybe(last) || last - at > 8192)
        magic__heap_drop(at, last + 1, 0);
}

extern void __magic_late(void *p, struct magic_site_rec *site);

/** Called when a call that nobody knows has returned `p` and blocks were allocated meanwhile: `p` is
 * an object of `site` if it is one of them. */
__attribute__((visibility("default"))) void __magic_late(void *p, struct magic_site_rec *site)
{
    uint32_t kind = magic__wrap_off ? 0 : magic__wrap_kind_of(site);
    for (unsigned i = 0; i < NOTED; i++) {
        uintptr_t addr = noted.at[i];
        size_t size = take_noted(addr);
        if (size && kind && addr == (uintptr_t) p && magic__wrap_fits(magic__kind(kind), size))
            (void) magic__heap_add(addr, size, kind);
        noted.at[i] = 0;
    }
}
