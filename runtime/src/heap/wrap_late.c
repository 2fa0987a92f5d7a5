/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Late typing: blocks that were allocated during a call that nobody knows to allocate.
 *
 * Around such a call the pass leaves MAGIC_SITE_COLLECT in __magic_site. Blocks that are allocated
 * meanwhile get a record of a kind without type, and the thread remembers the last few. When the
 * call has returned and there were any, __magic_late() types the one that the call gave back, if its
 * size is right, and takes the others' records away. The record is what makes that safe: it goes
 * when the block is freed, so what has one is the start of a live block whose size is known.
 */
#include "heap/heap_internal.h"
#include "heap/wrap.h"

enum { NOTED = 8 };

/* The last blocks noted by this thread; `next` is the place of the oldest. */
static __thread struct {
    uintptr_t at[NOTED];
    unsigned next;
} noted __attribute__((tls_model("initial-exec")));

uint32_t magic__noted_kind; /* 0: none yet */

uint32_t magic__wrap_kind_of_noted(size_t size)
{
    uint32_t kind = __atomic_load_n(&magic__noted_kind, __ATOMIC_ACQUIRE);
    if (!kind) {
        magic__wrap_prepare();
        uint32_t made = magic__kind_new();
        if (__atomic_compare_exchange_n(
                &magic__noted_kind, &kind, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
            kind = made;
        else if (made)
            magic__kind_release(made);
    }
    return size ? kind : 0;
}

/* Take a noted block's record away; its size, or 0 if it has gone or got another record since. */
static size_t take_noted(uintptr_t addr)
{
    struct magic__object object;
    if (!addr || !magic__heap_find(addr, &object) || object.addr != addr ||
        object.kind != magic__noted_kind)
        return 0;
    return magic__heap_take(addr, &object) ? object.size : 0;
}

void magic__wrap_note(uintptr_t addr)
{
    unsigned i = noted.next++ % NOTED;
    take_noted(noted.at[i]);
    noted.at[i] = addr;
    __magic_site = (struct magic_site_rec *) (uintptr_t) MAGIC_SITE_COLLECTED;
}

int magic__wrap_take(void *p, struct magic__object *ret)
{
    struct magic__object object;
    uintptr_t at = (uintptr_t) p;
    if (magic__heap_has_subs && magic__heap_find(at, &object) && object.addr == at &&
        magic__kind(object.kind)->flags & MAGIC_SITE_POOL)
        return 0;
    if (!magic__heap_take(at, &object) || object.kind == magic__noted_kind)
        return 0;
    *ret = object;
    return 1;
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
