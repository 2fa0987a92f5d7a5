/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plans: how a value of an old type becomes a value of a new one.
 *
 * A plan depends on the two types, and on what was asked for, alone, so it is made once for each such
 * pair and kept in a hash. Containment by value is finite (the table reader sees to that), so making
 * one terminates; pointers end the recursion, because converting never looks at what they point to.
 *
 * Source: element mapping of magic_st.c; differs: decided per pair of types, not per element.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pair/pair.h"

static int plan_fill(struct st__pairing *p, struct st__plan *plan);

/* -- the hash ----------------------------------------------------------------------------- */

/** What a plan is made for. */
struct key {
    uint32_t o, n;
    enum st__how how;
    const struct st__callback *callback;
};

static struct st__plan **plan_slot(struct st__pairing *p, const struct key *key)
{
    uint64_t hash = ((uint64_t) key->o << 32 | key->n) * 0x9e3779b97f4a7c15u + (uint64_t) key->how +
                    (uintptr_t) key->callback;
    size_t i = (hash >> 32) & (p->plan_slots - 1);

    for (;; i = (i + 1) & (p->plan_slots - 1)) {
        const struct st__plan *at = p->plans[i];

        if (!at || (at->o->id == key->o && at->n->id == key->n && at->how == key->how &&
                       at->callback == key->callback))
            return &p->plans[i];
    }
}

static int plan_grow(struct st__pairing *p)
{
    struct st__plan **old = p->plans;
    size_t n = p->plan_slots;

    p->plan_slots = n ? n * 2 : 256;
    p->plans = magic_arena_array(p->arena, p->plan_slots, sizeof(*p->plans));
    if (!p->plans)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < n; i++)
        if (old[i])
            *plan_slot(p, &(struct key) { old[i]->o->id, old[i]->n->id, old[i]->how,
                              old[i]->callback }) = old[i];
    return 0;
}

/* Called whatever changed, also for what could not be converted otherwise. */
static int fill_callback(struct st__pairing *p, struct st__plan *plan)
{
    plan->inner = st__plan_as(p, plan->o, plan->n, plan->how, NULL);
    if (!plan->inner)
        return MAGIC_ENOMEM;
    plan->cls = ST__CALL;
    plan->moves = plan->inner->moves;
    return 0;
}

const struct st__plan *st__plan_as(struct st__pairing *p, const struct magic_type *o,
    const struct magic_type *n, enum st__how how, const struct st__callback *callback)
{
    const struct magic_type *os = magic_type_strip(o), *ns = magic_type_strip(n);
    const struct key key = { os->id, ns->id, how, callback };
    struct st__plan *plan;

    if (p->n_plans * 2 >= p->plan_slots && plan_grow(p) != 0)
        return NULL;
    if (*plan_slot(p, &key))
        return *plan_slot(p, &key);
    plan = magic_arena_alloc(p->arena, sizeof(*plan));
    if (!plan)
        return NULL;
    plan->o = os;
    plan->n = ns;
    plan->how = how;
    plan->callback = callback;
    if ((callback ? fill_callback(p, plan) : plan_fill(p, plan)) != 0)
        return NULL;
    *plan_slot(p, &key) = plan; /* the hash may have grown meanwhile */
    p->n_plans++;
    return plan;
}

/* The new version's wish, if it has one. */
static enum st__how either(enum st__how o, enum st__how n)
{
    return n != ST__TYPED ? n : o;
}

const struct st__plan *st__plan(
    struct st__pairing *p, const struct magic_type *o, const struct magic_type *n)
{
    return st__plan_as(
        p, o, n, either(st__how_type(p, o), st__how_type(p, n)), st__callback_type(p, o, n));
}

const struct st__plan *st__plan_var(
    struct st__pairing *p, const struct magic_var *o, const struct magic_var *n)
{
    return st__plan_as(p, o->type, n->type, either(st__how_var(p, o), st__how_var(p, n)),
        st__callback_var(p, o, n));
}

int st__plan_refuse(struct st__pairing *p, struct st__plan *plan, const char *format, ...)
{
    char text[256], *kept;
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    kept = magic_arena_alloc(p->arena, strlen(text) + 1);
    if (!kept)
        return MAGIC_ENOMEM;
    memcpy(kept, text, strlen(text) + 1);
    plan->cls = ST__REFUSE;
    plan->moves = plan->refuses = true;
    plan->why = kept;
    return 0;
}

/* -- numbers ------------------------------------------------------------------------------ */

static bool same_number(const struct magic_type *o, const struct magic_type *n)
{
    const uint32_t flags = MAGIC_TYPE_UNSIGNED | MAGIC_TYPE_BOOL | MAGIC_TYPE_COMPLEX;

    return o->kind == n->kind && o->size == n->size && (o->flags & flags) == (n->flags & flags) &&
           (o->kind != MAGIC_KIND_FLOAT || st__is_odd_float(o) == st__is_odd_float(n));
}

/* The new enumerator that continues an old one. */
const struct magic_enumerator *st__pair_enumerator(
    const struct st__pairing *p, const struct magic_enumerator *o, const struct magic_type *n)
{
    const struct st__named was = { o, "", o->name, NULL };
    const struct magic_enumerator *named = NULL;

    for (uint32_t i = 0; i < n->count; i++) {
        const struct magic_enumerator *e = &n->enumerators[i];
        const struct st__named is = { e, "", e->name, NULL };

        if (p->rules && p->rules->n && st__renamed(p, &was, &is))
            return e;
        if (strcmp(e->name, o->name) == 0)
            named = e;
    }
    return named;
}

/* An enum is copied as it is if every old name means the same number in the new version. */
static bool same_enum(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_type *n)
{
    if (!same_number(o, n))
        return false;
    for (uint32_t i = 0; i < o->count; i++) {
        const struct magic_enumerator *e = st__pair_enumerator(p, &o->enumerators[i], n);

        if (!e || e->value != o->enumerators[i].value)
            return false;
    }
    return true;
}

static bool is_number(const struct magic_type *type)
{
    return type->kind == MAGIC_KIND_INTEGER || type->kind == MAGIC_KIND_ENUM ||
           type->kind == MAGIC_KIND_FLOAT;
}

/* Half and quadruple precision: copied, not computed with. */
bool st__is_odd_float(const struct magic_type *type)
{
    uint64_t size = type->flags & MAGIC_TYPE_COMPLEX ? type->size / 2 : type->size;

    return type->kind == MAGIC_KIND_FLOAT &&
           (size < sizeof(float) || strstr(type->name, "128") != NULL);
}

static int fill_number(struct st__pairing *p, struct st__plan *plan)
{
    const struct magic_type *o = plan->o, *n = plan->n;
    bool same = o->kind == MAGIC_KIND_ENUM && n->kind == MAGIC_KIND_ENUM ? same_enum(p, o, n)
                                                                         : same_number(o, n);
    char from[48], to[48];

    if (same) {
        plan->cls = ST__COPY;
        return 0;
    }
    if (st__is_odd_float(o) || st__is_odd_float(n))
        return st__plan_refuse(p, plan, "%s cannot be converted to %s: convert it in a callback",
            magic_type_spell(o, from, sizeof(from)), magic_type_spell(n, to, sizeof(to)));
    plan->cls = ST__CONVERT;
    plan->moves = o->size != n->size;
    return 0;
}

/* -- arrays ------------------------------------------------------------------------------- */

static int fill_array(struct st__pairing *p, struct st__plan *plan)
{
    const struct magic_type *o = plan->o, *n = plan->n;

    plan->elem = st__plan(p, o->target, n->target);
    if (!plan->elem)
        return MAGIC_ENOMEM;
    if (plan->elem->cls == ST__COPY && o->nelems == n->nelems && o->size == n->size) {
        plan->cls = ST__COPY;
        return 0;
    }
    plan->cls = ST__CONVERT;
    plan->moves = plan->elem->moves || o->size != n->size;
    plan->refuses = plan->elem->refuses;
    return 0;
}

/* -- all kinds ---------------------------------------------------------------------------- */

static void fill_bytes(struct st__plan *plan)
{
    plan->cls = plan->o->size == plan->n->size ? ST__COPY : ST__BYTES;
    plan->moves = plan->o->size != plan->n->size;
}

/* A pointer kept as an integer of its size, or the reverse, is the same bits. */
static bool same_bits(const struct magic_type *o, const struct magic_type *n)
{
    return o->size == n->size &&
           ((o->kind == MAGIC_KIND_POINTER && n->kind == MAGIC_KIND_INTEGER) ||
               (o->kind == MAGIC_KIND_INTEGER && n->kind == MAGIC_KIND_POINTER));
}

static int fill_other_kind(struct st__pairing *p, struct st__plan *plan)
{
    char from[64], to[64];

    if (same_bits(plan->o, plan->n)) {
        plan->cls = ST__COPY;
        return 0;
    }
    return st__plan_refuse(p, plan,
        "%s became %s, for which there is no conversion: rename the new one, or convert it in a "
        "callback",
        magic_type_spell(plan->o, from, sizeof(from)), magic_type_spell(plan->n, to, sizeof(to)));
}

static int fill_typed(struct st__pairing *p, struct st__plan *plan)
{
    const struct magic_type *o = plan->o, *n = plan->n;

    if (is_number(o) && is_number(n))
        return fill_number(p, plan);
    if (o->kind != n->kind)
        return fill_other_kind(p, plan);
    switch (o->kind) {
    case MAGIC_KIND_POINTER:
        plan->cls = ST__COPY;
        return 0;
    case MAGIC_KIND_ARRAY:
        return fill_array(p, plan);
    case MAGIC_KIND_STRUCT:
    case MAGIC_KIND_UNION:
        if ((o->flags | n->flags) & MAGIC_TYPE_INCOMPLETE)
            return st__plan_refuse(
                p, plan, "the type is declared but not defined: convert it in a callback");
        return o->kind == MAGIC_KIND_STRUCT ? st__plan_struct(p, plan) : st__plan_union(p, plan);
    default:
        if (o->size != n->size)
            return st__plan_refuse(p, plan,
                "memory of unknown type changed its size from %llu to %llu bytes: convert it in a "
                "callback",
                (unsigned long long) o->size, (unsigned long long) n->size);
        plan->cls = ST__COPY;
        return 0;
    }
}

static int plan_fill(struct st__pairing *p, struct st__plan *plan)
{
    int err;

    switch (plan->how) {
    case ST__NOXFER:
        plan->cls = ST__SKIP;
        plan->moves = plan->o->size != plan->n->size;
        return 0;
    case ST__IXFER:
        fill_bytes(plan);
        return 0;
    case ST__CIXFER:
        err = fill_typed(p, plan);
        if (!err && plan->refuses) {
            plan->refuses = false;
            fill_bytes(plan);
        }
        return err;
    case ST__TYPED:
    case ST__PXFER:
    case ST__SXFER:
    case ST__CHOSEN:
        break;
    }
    return fill_typed(p, plan);
}
