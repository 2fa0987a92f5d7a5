/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checking a transfer by transferring back: the old state must come out again.
 *
 * Every variable and heap object that was converted is converted back into scratch memory, by plans that
 * are made from the new version to the old one, and compared with the old bytes as far as both versions
 * have them. A pointer must be the successor of the old one. A difference has one of two reasons: something
 * but its own conversion wrote to the new value, or the conversion loses something that no policy judges,
 * as rules do that give two enumerators one successor. What a policy lets a number lose must be what its
 * conversion makes of it.
 *
 * What only goes one way cannot be checked, and is counted: what the user asked not to be transferred or has
 * a callback for, and unions without a rule.
 *
 * Source: the time-travelling state transfer of Giuffrida, Iorgulescu, Kuijsten and Tanenbaum, LISA
 * 2013; differs: in one process, value by value, so that no second copy of the heap is needed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "st/number.h"
#include "st/transfer.h"

struct back {
    struct st__transfer *t;
    struct st__transfer reverse; /**< only for conversion, and not to warn of anything */
    struct st__transfer again;   /**< likewise, the way that was gone */
    struct st__rules rules;
    struct st_stats stats;
    struct st_error error;
    struct room {
        unsigned char *bytes;
        uint64_t size;
    } scratch, other; /**< for a value of the old version, made from the new one; for a new one */
};

/** One value in its three forms. */
struct forms {
    const unsigned char *o; /**< the old bytes */
    const unsigned char *s; /**< the same, transferred back */
    uintptr_t n;            /**< address of the new value */
};

static void compare(
    struct back *b, const struct st__plan *p, struct forms f, const struct st__path *path);

static struct forms part(struct forms f, uint64_t o, uint64_t n)
{
    return (struct forms) { f.o + o, f.s + o, f.n + n };
}

#define WRITTEN "something but its own conversion wrote to it"
#define LOSSY   "its conversion loses what was there"

/* Whether the user allows conversions that lose something. */
static bool may_lose(const struct back *b)
{
    const enum st__action *policies = b->t->p.rules->policies;

    return policies[ST__POLICY_lost] != ST__FORBID || policies[ST__POLICY_enumerator] != ST__FORBID;
}

static bool only_one_way(const struct st__plan *p)
{
    return p->cls == ST__SKIP || p->cls == ST__CALL || p->cls == ST__REFUSE;
}

/* -- words -------------------------------------------------------------------------------- */

static uintptr_t word_at(const unsigned char *p)
{
    uintptr_t word;

    memcpy(&word, p, sizeof(word));
    return word;
}

/* What the word `old` has to be at address `at` of the new state. */
static uintptr_t expected(struct back *b, uintptr_t at, uintptr_t old)
{
    struct st__slot slot;
    uintptr_t successor;
    int moved;

    if (!st__is_marked(b->t->marks, old))
        return old;
    moved = st__successor(b->t, at, old, &slot, &successor);
    if (moved < 0 && slot.kind == ST__SLOT_POINTER && !slot.fresh)
        return 0; /* as the policy has it */
    return moved > 0 ? successor : old;
}

/* Whether bytes that are copied as they are came through; aligned words among them may be pointers. */
static bool same_bytes(struct back *b, struct forms f, uint64_t size)
{
    const uint64_t word = sizeof(uintptr_t);
    uint64_t i = -f.n % word < size ? -f.n % word : size;

    if (memcmp(f.o, f.s, i) != 0)
        return false;
    for (; i + word <= size; i += word)
        if (word_at(f.s + i) != expected(b, f.n + i, word_at(f.o + i)))
            return false;
    return memcmp(f.o + i, f.s + i, size - i) == 0;
}

static void compare_pointer(
    struct back *b, const struct st__plan *p, struct forms f, const struct st__path *path)
{
    uintptr_t old = word_at(f.o), want = expected(b, f.n, old);

    if (word_at(f.s) != want)
        st__differs(b->t, path, p->o,
            "leads to %#" PRIxPTR ", but was %#" PRIxPTR ", whose successor is %#" PRIxPTR
            ": " WRITTEN,
            word_at(f.s), old, want);
}

/* -- values ------------------------------------------------------------------------------- */

/* The bytes of a number may differ in those that are not used. */
static bool same_number(
    const struct magic_type *type, const unsigned char *a, const unsigned char *b)
{
    struct st__number x, y;

    if (memcmp(a, b, type->size) == 0)
        return true;
    x = st__number_load(type, a);
    y = st__number_load(type, b);
    return type->kind == MAGIC_KIND_FLOAT && x.d == y.d && x.imaginary == y.imaginary;
}

/* Whether the new number is what its conversion makes of the old one. */
static bool is_converted(struct back *b, const struct st__plan *p, struct forms f)
{
    unsigned char n[2 * sizeof(long double)] = { 0 };

    if (st__convert(&b->again, p, f.o, n, NULL) != 0)
        return false;
    return same_number(p->n, n, (const unsigned char *) f.n);
}

static void compare_number(
    struct back *b, const struct st__plan *p, struct forms f, const struct st__path *path)
{
    bool converted;
    char was[64], is[64];

    if (same_number(p->o, f.o, f.s))
        return;
    converted = p->cls == ST__CONVERT && is_converted(b, p, f);
    if (!converted || !may_lose(b))
        st__differs(b->t, path, p->o, "was %s, comes back as %s: %s",
            st__number_text(st__number_load(p->o, f.o), was, sizeof(was)),
            st__number_text(st__number_load(p->o, f.s), is, sizeof(is)),
            converted ? LOSSY : WRITTEN);
}

/* Room for a value, kept from call to call. */
static unsigned char *room_for(struct back *b, struct room *room, uint64_t size)
{
    if (size > room->size) {
        room->size = size * 2;
        room->bytes = magic_arena_alloc(&b->t->arena, room->size);
    }
    return room->bytes;
}

/* Whether a new bit-field, or what was one, is what its conversion makes of the old one: of structures at
 * `f` with the plan `p`. */
static bool is_converted_member(
    struct back *b, const struct st__plan *p, const struct st__member *m, struct forms f)
{
    const uint64_t size = p->n->size;
    const struct st__plan one = {
        .o = p->o, .n = p->n, .cls = ST__CONVERT, .members = m, .n_members = 1
    };
    unsigned char *n = room_for(b, &b->other, size);

    return n && st__convert(&b->again, &one, f.o, memcpy(n, (const void *) f.n, size), NULL) == 0 &&
           memcmp(n, (const void *) f.n, size) == 0;
}

static bool same_bits(const struct forms f, uint64_t at, unsigned bits)
{
    for (uint64_t end = at + bits; at < end; at++)
        if (((f.o[at / 8] ^ f.s[at / 8]) >> (at % 8)) & 1)
            return false;
    return true;
}

static void compare_bits(struct back *b, const struct st__plan *p, const struct st__member *m,
    struct forms f, const struct st__path *path)
{
    unsigned bits = m->o->bit_size ? m->o->bit_size : (unsigned) m->plan->o->size * 8;
    bool converted;

    if (only_one_way(m->plan)) {
        b->t->stats->values_unchecked++;
        return;
    }
    if (same_bits(f, m->o->bit_offset, bits))
        return;
    converted = is_converted_member(b, p, m, f);
    if (!converted || !may_lose(b))
        st__differs(b->t, path, m->plan->o, "its %u bits come back changed: %s", bits,
            converted ? LOSSY : WRITTEN);
}

/* A member of structures at `whole` with the plan `p`. */
static void compare_member(struct back *b, const struct st__plan *p, const struct st__member *m,
    struct forms whole, const struct st__path *path)
{
    struct forms f;

    if (!m->n)
        return;
    if (m->o->bit_size || m->n->bit_size) {
        compare_bits(b, p, m, whole, path);
        return;
    }
    f = part(whole, m->o->bit_offset / 8, m->n->bit_offset / 8);
    if (m->choice) {
        const struct st__case *used = st__chosen(m->choice, whole.o);

        if (used)
            compare_member(b, m->plan, used->member, f, path);
        return;
    }
    compare(b, m->plan, f, path);
}

static void compare_members(
    struct back *b, const struct st__plan *p, struct forms f, const struct st__path *path)
{
    for (size_t i = 0; i < p->n_members; i++) {
        struct st__path here = { path, p->members[i].o->name, 0 };

        compare_member(b, p, &p->members[i], f, &here);
    }
}

static void compare_elements(
    struct back *b, const struct st__plan *p, struct forms f, const struct st__path *path)
{
    for (uint64_t i = 0; i < p->o->nelems && i < p->n->nelems; i++) {
        struct st__path here = { path, NULL, i };

        compare(b, p->elem, part(f, i * p->elem->o->size, i * p->elem->n->size), &here);
    }
}

static void compare(
    struct back *b, const struct st__plan *p, struct forms f, const struct st__path *path)
{
    uint64_t size = p->o->size < p->n->size ? p->o->size : p->n->size;

    if (only_one_way(p)) {
        b->t->stats->values_unchecked++;
        return;
    }
    if (p->cls != ST__CONVERT && same_bytes(b, f, size))
        return;
    if (p->o->kind == MAGIC_KIND_STRUCT ||
        (p->o->kind == MAGIC_KIND_UNION && p->cls == ST__CONVERT))
        compare_members(b, p, f, path);
    else if (p->o->kind == MAGIC_KIND_ARRAY && p->elem)
        compare_elements(b, p, f, path);
    else if (p->o->kind == MAGIC_KIND_POINTER)
        compare_pointer(b, p, f, path);
    else if (p->o->kind == MAGIC_KIND_UNION || p->cls == ST__BYTES || st__is_odd_float(p->o))
        st__differs(b->t, path, p->o, "its bytes come back changed: " WRITTEN);
    else
        compare_number(b, p, f, path);
}

/* -- back --------------------------------------------------------------------------------- */

/* Transfer the new value at `n` back and compare it with the old one at `o`. */
static int check_value(struct back *b, const struct st__plan *p, const unsigned char *o,
    uintptr_t n, const struct st__path *path)
{
    const struct st__plan *plan;
    unsigned char *s;

    if (only_one_way(p)) {
        b->t->stats->values_unchecked++;
        return 0;
    }
    b->t->stats->values_checked++;
    plan = st__plan_as(&b->reverse.p, p->n, p->o, p->how, NULL);
    s = room_for(b, &b->scratch, p->o->size);
    if (!plan || !s)
        return MAGIC_ENOMEM;
    memset(s, 0, p->o->size);
    b->reverse.subject = b->t->subject;
    if (st__convert(&b->reverse, plan, (const unsigned char *) n, s, path) == 0)
        compare(b, p, (struct forms) { o, s, n }, path);
    else
        st__differs(b->t, path, p->o, "cannot be transferred back: %s", b->error.text);
    return 0;
}

static int check_vars(struct back *b)
{
    struct st__transfer *t = b->t;
    int err = 0;

    for (size_t i = 0; i < t->p.ot->n_vars && !err; i++) {
        const struct magic_var *o = &t->p.ot->vars[i], *n = t->p.var_pair[o->id];
        const struct st__plan *p =
            n && st__is_transferred(t, o, n) ? st__plan_var(&t->p, o, n) : NULL;

        if (!p)
            continue;
        t->subject = (struct st__subject) { .var = o };
        t->subject.old_addr = (uintptr_t) magic__image_var_addr(t->old, o);
        t->subject.new_addr = (uintptr_t) magic__image_var_addr(t->new, n);
        err = check_value(
            b, p, (const unsigned char *) t->subject.old_addr, t->subject.new_addr, NULL);
    }
    return err;
}

/* The array at the end of an object. */
static int check_tail(struct back *b, const struct st__plan *p, const struct st__shape *s,
    const unsigned char *o, uintptr_t n)
{
    int err = 0;

    for (uint64_t i = 0; i < s->tail && !err; i++) {
        const struct st__plan *elem = p->tail->elem;
        struct st__path array = { NULL, p->members[p->n_members - 1].o->name, 0 };
        struct st__path path = { &array, NULL, i };

        err = check_value(
            b, elem, o + p->tail->o + i * elem->o->size, n + p->tail->n + i * elem->n->size, &path);
    }
    return err;
}

/* An object of `size` bytes of an old kind; `o` has a whole structure at least. */
static int check_object(
    struct back *b, uint32_t kind, uint64_t size, const unsigned char *o, uintptr_t n)
{
    const struct st__kind_plan *k = &b->t->kinds[kind];
    const struct st__shape s = st__shape(k, magic__kind(kind)->flags, size);
    struct forms rest = { o + s.rest_o, (const unsigned char *) n + s.rest_n, n + s.rest_n };
    int err = 0;

    st__kind_subject(b->t, kind, &b->t->subject);
    for (uint64_t i = 0; i < s.count && !err; i++) {
        struct st__path path = { NULL, NULL, i };

        err = check_value(b, k->plan, o + i * k->plan->o->size, n + i * k->plan->n->size,
            s.count > 1 ? &path : NULL);
    }
    if (!err && s.tail)
        err = check_tail(b, k->plan->inner ? k->plan->inner : k->plan, &s, o, n);
    if (!err && s.rest && !same_bytes(b, rest, s.rest))
        st__differs(b->t, NULL, k->o, "the bytes behind it come back changed: " WRITTEN);
    return err;
}

/* Objects that were built anew: the old ones are as they were. */
static int check_moved(struct back *b)
{
    struct st__map *map = b->t->map;
    int err = 0;

    for (size_t i = 0; map && i < map->n && !err; i++) {
        const struct st__moved *m = st__map_at(map, i);
        const struct st__kind_plan *k = &b->t->kinds[m->kind];
        const unsigned char *o = (const unsigned char *) m->o;
        unsigned char *padded;

        if (m->n == m->o)
            continue;
        b->t->subject = (struct st__subject) { .old_addr = m->o, .new_addr = m->n };
        if (m->size < k->o->size) {
            padded = magic_arena_alloc(&b->t->arena, k->o->size);
            if (!padded)
                return MAGIC_ENOMEM;
            o = memcpy(padded, o, m->size);
        }
        err = check_object(b, m->kind, m->size, o, m->n);
    }
    return err;
}

/* Objects that were converted where they are: their old bytes were kept. */
static int check_in_place(struct back *b)
{
    int err = 0;

    for (const struct st__copy *c = b->t->copies; c && !err; c = c->older) {
        struct magic__object at;

        if (!magic__heap_find(c->addr, &at) || at.addr != c->addr ||
            (at.kind == c->kind && b->t->kinds[c->kind].new_kind))
            continue; /* a copy that only helped to build another object */
        b->t->subject = (struct st__subject) { .old_addr = c->addr, .new_addr = c->addr };
        err = check_object(b, c->kind, c->size, c->bytes, c->addr);
    }
    return err;
}

static int begin(struct back *b)
{
    const struct st__pairing *p = &b->t->p;

    b->rules = *p->rules;
    for (unsigned i = 0; i < ST__N_POLICIES; i++)
        b->rules.policies[i] = ST__IGNORE;
    b->again = (struct st__transfer) { .p = *p, .stats = &b->stats };
    b->again.p.rules = &b->rules;
    b->reverse = (struct st__transfer) {
        .p = { .ot = p->nt,
            .nt = p->ot,
            .arena = p->arena,
            .rules = &b->rules,
            .error = &b->error,
            .steered = p->steered },
        .back = true,
        .stats = &b->stats,
        .error = &b->error,
    };
    return st__pair_index_types(&b->reverse.p);
}

/* The error is the first difference, and what to do about all of them. */
static int conclude(struct st__transfer *t)
{
    const uint64_t n = t->stats->differences;
    char *text = t->error->text;
    size_t used = strlen(text);

    if (n == 0)
        return 0;
    snprintf(text + used, sizeof(t->error->text) - used,
        "; transferred back, %" PRIu64 " value%s: correct the callback or rule that is at work "
        "there, or update without --verify to take the new values as they are",
        n, n == 1 ? " differs" : "s differ");
    return MAGIC_EBADMSTATE;
}

int st__check_back(struct st__transfer *t)
{
    struct back b = { .t = t };
    int err = begin(&b);

    if (!err)
        err = check_vars(&b);
    if (!err)
        err = check_moved(&b);
    if (!err)
        err = check_in_place(&b);
    return err ? err : conclude(t);
}
