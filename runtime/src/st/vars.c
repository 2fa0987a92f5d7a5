/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Converting variables: each old one into the new one that continues it.
 *
 * Constants are part of the new version, not state, and keep their new value. New variables keep
 * their initialiser. A variable that is gone is dropped, with a warning if it held anything.
 */
#include <string.h>

#include "st/transfer.h"

/* Of a variable that was removed: does it hold anything but zero? Read-only data is no state, nor is
 * what a user gave up. */
static bool holds_state(struct st__transfer *t, const struct magic_var *o)
{
    const unsigned char *p;

    if ((o->flags & (MAGIC_VAR_CONST | MAGIC_VAR_ANONYMOUS)) || st__how_var(&t->p, o) == ST__NOXFER)
        return false;
    p = magic__image_var_addr(t->old, o);
    for (uint64_t i = 0; i < o->size; i++)
        if (p[i])
            return true;
    return false;
}

/* Elements that an initializer gave the flexible array at the variable's end. */
static int convert_var_tail(struct st__transfer *t, const struct st__plan *plan,
    const struct magic_var *o, const struct magic_var *n)
{
    const struct st__tail *tail = plan->tail;
    const unsigned char *from = (const unsigned char *) t->subject.old_addr;
    uint64_t o_size = tail->elem->o->size, n_size = tail->elem->n->size, have, room;

    if (!o_size || !n_size || o->size <= tail->o || n->size <= tail->n)
        return 0;
    have = (o->size - tail->o) / o_size;
    room = (n->size - tail->n) / n_size;
    for (uint64_t i = room * o_size; have > room && i < have * o_size; i++)
        if (from[tail->o + i])
            return st__judge(t, ST__POLICY_cut, MAGIC_ELOST, NULL, o->type,
                "its flexible array became shorter and element %llu is in use",
                (unsigned long long) (i / o_size));
    return st__convert_tail(
        t, plan, from, (unsigned char *) t->subject.new_addr, have < room ? have : room);
}

static int convert_var(struct st__transfer *t, const struct magic_var *o, const struct magic_var *n)
{
    const struct st__plan *plan = st__plan_var(&t->p, o, n);
    int err;

    if (!plan)
        return MAGIC_ENOMEM;
    t->subject = (struct st__subject) { .var = o };
    t->subject.old_addr = (uintptr_t) magic__image_var_addr(t->old, o);
    t->subject.new_addr = (uintptr_t) magic__image_var_addr(t->new, n);
    t->stats->vars_converted += plan->cls != ST__COPY;
    err = st__convert(t, plan, (const unsigned char *) t->subject.old_addr,
        (unsigned char *) t->subject.new_addr, NULL);
    return err || !plan->tail ? err : convert_var_tail(t, plan, o, n);
}

bool st__is_transferred(
    const struct st__transfer *t, const struct magic_var *o, const struct magic_var *n)
{
    return !((o->flags | n->flags) & MAGIC_VAR_CONST) && !t->var_keeps[o->id];
}

static int collect_tls(struct st__transfer *t, const struct magic_var *o)
{
    uintptr_t lo = (uintptr_t) magic__image_var_addr(t->old, o);

    t->tls[t->n_tls++] = (struct st__tls_range) { lo, o };
    if (t->n_tls == 1 || lo < t->tls_hull.lo)
        t->tls_hull.lo = lo;
    if (lo + o->size >= t->tls_hull.hi)
        t->tls_hull.hi = lo + o->size + 1;
    return st__mark(t, &t->marks, lo, lo + o->size + 1);
}

/* Their addresses are asked for here, on the main thread: the scan runs on others too. */
static int collect_new_tls(struct st__transfer *t)
{
    t->new_tls = magic_arena_array(&t->arena, t->p.nt->n_vars + 1, sizeof(*t->new_tls));
    if (!t->new_tls)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < t->p.nt->n_vars; i++) {
        const struct magic_var *n = &t->p.nt->vars[i];

        if (n->flags & MAGIC_VAR_TLS)
            t->new_tls[t->n_new_tls++] =
                (struct st__tls_range) { (uintptr_t) magic__image_var_addr(t->new, n), n };
    }
    return 0;
}

int st__vars_convert(struct st__transfer *t)
{
    int err = collect_new_tls(t);

    for (size_t i = 0; i < t->p.nt->n_vars; i++)
        t->stats->vars_added += !t->p.var_from[i];
    t->tls = magic_arena_array(&t->arena, t->p.ot->n_vars + 1, sizeof(*t->tls));
    if (!t->tls)
        return MAGIC_ENOMEM;
    for (size_t i = 0; i < t->p.ot->n_vars && !err; i++) {
        const struct magic_var *o = &t->p.ot->vars[i], *n = t->p.var_pair[o->id];

        if (o->flags & MAGIC_VAR_TLS)
            err = collect_tls(t, o);
        if (!n) {
            t->stats->vars_removed++;
            t->subject = (struct st__subject) { .var = o };
            if (!err && holds_state(t, o))
                err = st__judge(t, ST__POLICY_removed, MAGIC_ELOST, NULL, o->type,
                    "dropped: the variable no longer exists; if one continues it, say there "
                    "renamed_from=%s",
                    o->key);
            continue;
        }
        t->stats->vars_paired++;
        /* The scan, on several cores, finds all plans made. */
        if (!err && !st__plan_var(&t->p, o, n))
            err = MAGIC_ENOMEM;
        if (!err && st__is_transferred(t, o, n))
            err = convert_var(t, o, n);
    }
    return err;
}
