/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One pass over all writable memory that forwards every pointer to something that moved.
 *
 * The inner loops only compare; nothing about an object is looked up before one of its words leads
 * to where something moved. So the cost is that of reading memory once, however many
 * objects there are. A word declared as a pointer must have a successor, or the update is refused;
 * any other word is forwarded if it has one.
 *
 * Large memory is shared out among the cores. A core that meets an error only stops all; the error
 * is then described by one that scans that piece again by itself.
 */
#include <inttypes.h>
#include <string.h>

#include "os/os.h"
#include "os/os_parallel.h"
#include "st/transfer.h"
#include "st/words.h"

/* -- one word -------------------------------------------------------------------------------- */

/* A declared pointer to what has no successor. NULL is what the new version gets, if the user allows it:
 * then *ret is 0. */
static int lost_pointer(
    struct st__transfer *t, const struct st__slot *s, uintptr_t value, int code, uintptr_t *ret)
{
    char target[192], member[128];

    t->subject = s->subject;
    st__describe(t, value, target, sizeof(target));
    st__slot_path(s->type, s->offset, member, sizeof(member));
    *ret = 0;
    if (code != MAGIC_EUNPAIRED)
        return st__fail(t, code, NULL, s->type,
            "%s%spoints to %s, which cannot be followed: the attribute noxfer gives the pointer up",
            member, member[0] ? " " : "", target);
    return st__judge(t, ST__POLICY_dangling, code, NULL, s->type,
        "%s%spoints to %s, which the new version does not have", member, member[0] ? " " : "",
        target);
}

/* A word that nobody declared, and that leads to what moved. */
static int judge_opaque(struct st__transfer *t, const struct st__slot *s, uintptr_t value)
{
    char target[192], member[128] = "";

    t->stats->ptrs_conservative++;
    if (t->p.rules->policies[ST__POLICY_opaque] == ST__IGNORE) { /* often: nothing is described */
        t->stats->decided[ST__POLICY_opaque]++;
        return 0;
    }
    t->subject = s->subject;
    st__describe(t, value, target, sizeof(target));
    if (s->type)
        st__slot_path(s->type, s->offset, member, sizeof(member));
    return st__judge(t, ST__POLICY_opaque, MAGIC_EFAULT, NULL, s->type,
        "%s%sis not declared as a pointer, but leads to %s", member, member[0] ? " " : "", target);
}

/* If such a word leads to where a structure begins, it may mean that or its first member, and it matters which
 * where that is no longer the first. */
static int judge_begin(struct st__transfer *t, const struct st__slot *s, uintptr_t value)
{
    const struct magic_type *type;
    const struct magic_member *first = st__begins_twice(t, value, &type);
    char name[128], member[128] = "";

    if (!first)
        return 0;
    t->subject = s->subject;
    magic_type_spell(type, name, sizeof(name));
    if (s->type)
        st__slot_path(s->type, s->offset, member, sizeof(member));
    return st__judge(t, ST__POLICY_unknown, MAGIC_EFAULT, NULL, s->type,
        "%s%sis not declared as a pointer, but leads to where a %s begins, whose first member %s "
        "is not the first "
        "any more: it may mean either, and is taken for the whole; name its allocator to sef-cc "
        "with --sef-alloc",
        member, member[0] ? " " : "", name, first->name);
}

static int store(struct st__transfer *t, const struct st__region *r, uintptr_t at, uintptr_t value)
{
    uintptr_t page = magic__os_page_down(at), next = page + magic__os_page_size();

    if (r->read_only && magic__os_protect(page, next, PROT_READ | PROT_WRITE) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "read-only library data cannot be changed");
    memcpy((void *) at, &value, sizeof(value));
    if (r->read_only && magic__os_protect(page, next, PROT_READ) != 0)
        return st__fail(t, MAGIC_EOS, NULL, NULL, "library data cannot be protected again");
    return 0;
}

int st__successor(
    struct st__transfer *t, uintptr_t at, uintptr_t value, struct st__slot *slot, uintptr_t *ret)
{
    uintptr_t tag;
    int moved;

    st__slot(t, at, slot);
    tag = value & slot->tag;
    value -= tag;
    if (slot->kind == ST__SLOT_DEAD || st__is_older(t, value))
        return 0;
    moved = slot->kind == ST__SLOT_POINTER ? st__forward(t, value, slot->pointee, ret)
                                           : st__forward_opaque(t, value, ret);
    if (moved > 0)
        *ret |= tag;
    return moved;
}

/* A word whose value leads to where something moved. */
static int forward_word(
    struct st__transfer *t, const struct st__region *r, uintptr_t at, uintptr_t value)
{
    struct st__slot slot;
    uintptr_t successor;
    int moved = st__successor(t, at, value, &slot, &successor);

    if (moved < 0 && slot.kind == ST__SLOT_POINTER && !slot.fresh) {
        int err = lost_pointer(t, &slot, value & ~slot.tag, moved, &successor);

        return err ? err : store(t, r, at, successor);
    }
    if (moved > 0 && slot.kind != ST__SLOT_POINTER) {
        int err = judge_begin(t, &slot, value);

        if (err)
            return err;
    }
    if (moved <= 0 || successor == value) /* nothing to write: the page stays shared */
        return 0;
    if (slot.kind != ST__SLOT_POINTER) {
        int err = judge_opaque(t, &slot, value);

        if (err)
            return err;
    } else {
        t->stats->ptrs_precise++;
    }
    return store(t, r, at, successor);
}

/* -- the loops --------------------------------------------------------------------------------- */

/* Where a few things moved they are compared with; where heap objects did, the marks are asked. */
static struct st__finder finder(const struct st__transfer *t)
{
    struct st__finder f = { .marks = t->map ? t->marks : NULL };

    f.ranges[0] = t->old->span;
    f.ranges[1] = t->frames;
    f.ranges[2] = t->older;
    f.ranges[3] = t->tls_hull;
    return f;
}

/* Ask early for what is known of the words' targets: tables of pointers lead all over the heap. */
static void fetch(const struct st__transfer *t, const uintptr_t *const *hits, size_t n)
{
    for (size_t i = 0; i < n && t->map; i++)
        st__map_prefetch(t->map, *hits[i]);
}

/* On error *r begins with the word that caused it: those before it are not to be forwarded again, because
 * an object that was converted in place has other things at the same addresses. */
static int scan_piece(struct st__transfer *t, struct st__region *r)
{
    const uintptr_t *p = (const uintptr_t *) r->lo, *end = (const uintptr_t *) r->hi;
    const struct st__finder f = finder(t);
    const uintptr_t *hits[ST__HITS];
    int err = 0;
    size_t n;

    t->stats->bytes_scanned += r->hi - r->lo;
    while (!err && p < end) {
        n = st__find_words(&f, &p, end, hits);
        fetch(t, hits, n);
        for (size_t i = 0; i < n && !err; i++) {
            err = forward_word(t, r, (uintptr_t) hits[i], *hits[i]);
            if (err)
                r->lo = (uintptr_t) hits[i];
        }
    }
    return err;
}

int st__scan_word(struct st__transfer *t, uintptr_t at)
{
    const struct st__region here = { at, at + sizeof(at), false };
    uintptr_t word;

    memcpy(&word, (const void *) at, sizeof(word));
    return st__is_marked(t->marks, word) ? forward_word(t, &here, at, word) : 0;
}

/* -- on all cores ------------------------------------------------------------------------------ */

#define PIECE         ((uintptr_t) 4 << 20)
#define WORTH_SHARING ((uintptr_t) 32 << 20)

struct sharing {
    struct st__transfer *t;
    uintptr_t next; /* bytes taken so far, over all regions one after the other */
    uintptr_t total;
    int failed;            /* some piece met an error */
    struct st__region bad; /* what is left of that piece */
};

/* The piece of the next PIECE bytes that lie in one region; false when all are taken. */
static bool take_piece(struct sharing *s, struct st__region *piece)
{
    uintptr_t at = __atomic_fetch_add(&s->next, PIECE, __ATOMIC_RELAXED), start = 0;

    if (at >= s->total || __atomic_load_n(&s->failed, __ATOMIC_RELAXED))
        return false;
    for (size_t i = 0; i < s->t->n_regions; i++) {
        const struct st__region *g = &s->t->regions[i];
        uintptr_t size = (g->hi - g->lo + PIECE - 1) / PIECE * PIECE;

        if (at < start + size) {
            *piece = *g;
            piece->lo += at - start;
            if (piece->hi - piece->lo > PIECE)
                piece->hi = piece->lo + PIECE;
            return true;
        }
        start += size;
    }
    return false;
}

static void add_stats(struct st_stats *to, const struct st_stats *from)
{
    __atomic_fetch_add(&to->ptrs_precise, from->ptrs_precise, __ATOMIC_RELAXED);
    __atomic_fetch_add(&to->ptrs_conservative, from->ptrs_conservative, __ATOMIC_RELAXED);
    __atomic_fetch_add(&to->bytes_scanned, from->bytes_scanned, __ATOMIC_RELAXED);
    for (size_t i = 0; i < ST_POLICIES_MAX; i++)
        __atomic_fetch_add(&to->decided[i], from->decided[i], __ATOMIC_RELAXED);
}

static void scan_share(void *ctx)
{
    struct sharing *s = ctx;
    struct st_stats stats = { 0 };
    struct st__transfer mine = *s->t;
    struct st__region piece;

    mine.stats = &stats;
    mine.error = NULL; /* so that nothing is described on a borrowed stack */
    while (take_piece(s, &piece))
        if (scan_piece(&mine, &piece) != 0 && !__atomic_exchange_n(&s->failed, 1, __ATOMIC_RELAXED))
            s->bad = piece;
    add_stats(s->t->stats, &stats);
}

/* What is logged on the way is described on the main thread's own stack. */
static unsigned cores(const struct st__transfer *t, uintptr_t bytes)
{
    const enum st__action *policies = t->p.rules->policies;

    if (policies[ST__POLICY_opaque] == ST__WARN || policies[ST__POLICY_dangling] == ST__WARN ||
        policies[ST__POLICY_unknown] == ST__WARN)
        return 1;
    return bytes > WORTH_SHARING ? magic__os_cores() : 1;
}

int st__scan(struct st__transfer *t)
{
    struct sharing s = { .t = t };
    int err = st__collect_regions(t);

    if (err)
        return err;
    for (size_t i = 0; i < t->n_regions; i++) {
        const struct st__region *g = &t->regions[i];

        s.total += (g->hi - g->lo + PIECE - 1) / PIECE * PIECE;
    }
    magic__os_parallel(cores(t, s.total), scan_share, &s);
    return s.failed ? scan_piece(t, &s.bad) : 0;
}
