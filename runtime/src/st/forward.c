/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Forwarding: from an address of the old state to its successor.
 *
 * What moved is the old image's variables and functions, the main thread's old thread-local
 * variables, and the heap objects of the forwarding map (map.h). Read-only data of old images stays
 * mapped: pointers to string literals need no forwarding.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

static int forward_var(struct st__transfer *t, const struct magic_var *o, uint64_t off,
    uintptr_t addr, const struct magic_type *want, uintptr_t *ret)
{
    const struct magic_var *n = t->p.var_pair[o->id];
    const struct st__plan *plan;
    uint64_t new_off;
    int err;

    if (!n) /* what is removed but read-only stays readable */
        return (o->flags & MAGIC_VAR_CONST) ? 0 : MAGIC_EUNPAIRED;
    plan = st__plan_var(&t->p, o, n);
    if (!plan)
        return MAGIC_ENOMEM;
    err = st__tagged_offset(plan, off, addr, want, &new_off);
    if (err)
        return err;
    *ret = (uintptr_t) magic__image_var_addr(t->new, n) + new_off;
    return 1;
}

/* True if the last of what a variable consists of is a `want`: itself, or its elements. */
static bool consists_of(const struct magic_var *v, const struct magic_type *want)
{
    const struct magic_type *type = magic_type_strip(v->type);

    while (type != want && type->kind == MAGIC_KIND_ARRAY)
        type = magic_type_strip(type->target);
    return type == want;
}

/* True if a pointer to a `want` at the begin of a variable cannot be one to it. */
static bool begins_otherwise(
    struct st__transfer *t, const struct magic_var *o, const struct magic_type *want)
{
    const struct magic_var *n = t->p.var_pair[o->id];
    const struct st__plan *plan = n ? st__plan_var(&t->p, o, n) : NULL;

    return plan && !st__plan_begins_with(plan, want);
}

/* Where one variable ends and the next begins, a pointer to what only the first consists of leads to its
 * end. */
static bool means_end_of(struct st__transfer *t, const struct magic_var *before,
    const struct magic_var *next, const struct magic_type *want)
{
    const struct magic_var *n = t->p.var_pair[before->id];

    return n && consists_of(n, want) && begins_otherwise(t, next, want);
}

/* True if a declared pointer to the end of a variable surely means that, though something that no table
 * knows may begin there: it is to what the variable consists of, and no string does. */
static bool ends_with(
    struct st__transfer *t, const struct magic_var *v, const struct magic_type *want)
{
    const struct magic_var *n = t->p.var_pair[v->id];

    return n && want && want->size > 1 && consists_of(n, want);
}

/* Where a constant ends, a string literal may begin, of which no table knows; it stays where it is. */
static bool may_be_literal(
    struct st__transfer *t, const struct magic_var *before, const struct magic_type *want)
{
    return (before->flags & MAGIC_VAR_CONST) && !ends_with(t, before, want);
}

/* The variable at a link-time address, or the one that ends there. */
static const struct magic_var *var_touching(
    struct st__transfer *t, uint64_t addr, const struct magic_type *want)
{
    const struct magic_var *v = magic_table_var_at(t->p.ot, addr), *before;

    if (addr == 0 || (v && (v->addr != addr || !want)))
        return v;
    before = magic_table_var_at(t->p.ot, addr - 1);
    if (!v)
        return before && may_be_literal(t, before, want) ? NULL : before;
    if (!before)
        return v;
    return means_end_of(t, before, v, want) ? before : v;
}

static int forward_image(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want, uintptr_t *ret)
{
    uint64_t link = addr - t->old->base;
    const struct magic_func *f = magic_table_func_at(t->p.ot, link);
    const struct magic_var *v;

    if (f) {
        if (!t->p.func_pair[f->id])
            return MAGIC_EUNPAIRED;
        *ret = t->new->base + t->p.func_pair[f->id]->addr;
        return 1;
    }
    v = var_touching(t, link, want);
    if (v)
        return forward_var(t, v, link - v->addr, addr, want, ret);
    return magic__image_stays_readable(t->old, addr) ? 0 : MAGIC_EFAULT;
}

static int forward_object(struct st__transfer *t, const struct st__moved *m, uintptr_t addr,
    const struct magic_type *want, uintptr_t *ret)
{
    const struct st__kind_plan *k = &t->kinds[m->kind];
    struct st__shape shape;
    uint64_t off;
    int err;

    if (!k->plan) /* its type is gone: nothing of the new version may take it for another */
        return want && (want->kind == MAGIC_KIND_STRUCT || want->kind == MAGIC_KIND_UNION)
                   ? MAGIC_EUNPAIRED
                   : 0;
    shape = st__shape(k, magic__kind(m->kind)->flags, m->size);
    err = st__shape_offset(k, &shape, addr - m->o, addr, want, &off);
    if (err)
        return err;
    *ret = m->n + off;
    return 1;
}

static const struct st__tls_range *tls_at(const struct st__transfer *t, uintptr_t addr)
{
    for (size_t i = 0; i < t->n_tls; i++)
        if (addr - t->tls[i].lo < t->tls[i].var->size)
            return &t->tls[i];
    return NULL;
}

bool st__is_old_tls(const struct st__transfer *t, uintptr_t addr)
{
    return tls_at(t, addr) != NULL;
}

/* The thread-local variable at an address, or, for a declared pointer, the one that ends there. The
 * block of thread-local variables is the allocator's: where one puts blocks side by side, others begin at
 * its end. */
static const struct st__tls_range *tls_touching(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want)
{
    const struct st__tls_range *r = tls_at(t, addr), *before = want ? tls_at(t, addr - 1) : NULL;

    if (!before || before == r)
        return r;
    if (!r)
        return t->libc_heap || ends_with(t, before->var, want) ? before : NULL;
    return means_end_of(t, before->var, r->var, want) ? before : r;
}

static int forward_tls(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want, uintptr_t *ret)
{
    const struct st__tls_range *r = tls_touching(t, addr, want);

    return r ? forward_var(t, r->var, addr - r->lo, addr, want, ret) : 0;
}

static bool in_frames(const struct st__transfer *t, uintptr_t addr)
{
    return addr >= t->frames.lo && addr < t->frames.hi;
}

/* The object of the map that holds byte `addr`. */
static const struct st__moved *moved_at(const struct st__transfer *t, uintptr_t addr)
{
    return t->map ? st__map_find(t->map, addr) : NULL;
}

/* The object of the map that ends at `addr`, where no other does that is in it. */
static const struct st__moved *moved_before(const struct st__transfer *t, uintptr_t addr)
{
    const struct st__moved *m = moved_at(t, addr - 1);

    return m && m->o + m->size == addr ? m : NULL;
}

/* How many bytes the block has after the object's last one; 0 also if that cannot be known. */
static size_t slack(const struct st__moved *m)
{
    const uint32_t flags = magic__kind(m->kind)->flags;
    const uintptr_t end = m->o + m->size;

    if (flags & MAGIC_SITE_POOL)
        return 0;
    if (flags & MAGIC_SITE_MAPPED) /* the rest of its last page is nobody else's */
        return magic__os_page_up(end) - end;
    return magic__heap_usable((void *) m->o) - m->size;
}

/* True if a pointer to a `want` cannot be one to the begin of an object of a kind. */
static bool kind_begins_otherwise(
    const struct st__transfer *t, uint32_t kind, const struct magic_type *want)
{
    const struct st__plan *plan = kind < t->n_kinds ? t->kinds[kind].plan : NULL;

    return want && plan && !st__plan_begins_with(plan, want);
}

/* Whether a declared pointer to the end of an object, where `next` begins or nothing that moved does,
 * means that. Where objects lie side by side, one that is not to the object's type means whatever begins
 * there, and one that is does if that begins with such a type too. */
static bool means_end(const struct st__transfer *t, const struct st__moved *m,
    const struct st__moved *next, uintptr_t addr, const struct magic_type *want)
{
    struct magic__object at;
    bool elsewhere = magic__kind(m->kind)->flags & (MAGIC_SITE_POOL | MAGIC_SITE_MAPPED);

    if (!next && ((t->libc_heap && !elsewhere) || slack(m)))
        return true;
    if (!want || t->kinds[m->kind].n != want)
        return false;
    /* What is found may also be the object itself, grown where it is. */
    return next || !magic__heap_find(addr, &at) || at.addr != addr ||
           kind_begins_otherwise(t, at.kind, want);
}

/* Whether an object that did not move, of elements of the type `want`, ends at `addr`. */
static bool stays_before(
    const struct st__transfer *t, uintptr_t addr, const struct magic_type *want)
{
    struct magic__object at;

    return magic__heap_find(addr - 1, &at) && at.addr + at.size == addr && at.kind < t->n_kinds &&
           t->kinds[at.kind].n == want;
}

int st__forward(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want, uintptr_t *ret)
{
    const struct st__moved *m, *before;
    bool otherwise;

    if (addr >= t->old->span.lo && addr < t->old->span.hi)
        return forward_image(t, addr, want, ret);
    m = moved_at(t, addr);
    otherwise = m && m->o == addr && kind_begins_otherwise(t, m->kind, want);
    before = !m || otherwise ? moved_before(t, addr) : NULL;
    if (before && means_end(t, before, m, addr, want))
        m = before;
    else if (otherwise && stays_before(t, addr, want))
        return 0;
    if (m)
        return forward_object(t, m, addr, want, ret);
    if (in_frames(t, addr))
        return MAGIC_EFAULT;
    return forward_tls(t, addr, want, ret);
}

/* Allocators keep addresses in their own data that look like pointers to objects: glibc those of
 * free chunks, whose headers begin in the last word of the object before them; others the start
 * of a page that they cut into objects. */
static bool maybe_allocators(
    const struct st__transfer *t, const struct st__moved *m, uintptr_t addr)
{
    if (!t->libc_heap)
        return addr == m->o && addr == magic__os_page_down(addr);
    return addr + sizeof(addr) >= m->o + m->size + slack(m);
}

int st__forward_opaque(struct st__transfer *t, uintptr_t addr, uintptr_t *ret)
{
    const struct st__moved *m;

    if (addr >= t->old->span.lo && addr < t->old->span.hi) {
        /* One past the end of a variable is the end of something else as often: of a segment. */
        uint64_t link = addr - t->old->base;

        if (!magic_table_var_at(t->p.ot, link) && !magic_table_func_at(t->p.ot, link))
            return 0;
        return forward_image(t, addr, NULL, ret);
    }
    m = moved_at(t, addr);
    if (!m && (m = moved_before(t, addr)) != NULL && !slack(m))
        m = NULL;
    if (m)
        return maybe_allocators(t, m, addr) ? 0 : forward_object(t, m, addr, NULL, ret);
    return forward_tls(t, addr, NULL, ret);
}

/* The first member of a structure, or of what that begins with, if it is a structure that is elsewhere in the
 * new version. */
static const struct magic_member *first_that_left(const struct st__plan *plan)
{
    const struct st__member *m = NULL;

    while (
        plan && plan->cls == ST__CONVERT && plan->o->kind == MAGIC_KIND_STRUCT && plan->n_members) {
        m = &plan->members[0];
        if (!m->n || m->o->bit_size || magic_type_strip(m->o->type)->kind != MAGIC_KIND_STRUCT)
            return NULL;
        if (m->n->bit_offset != 0)
            return m->o;
        plan = m->plan;
    }
    return NULL;
}

/* Whether the old version has pointers to a type: otherwise no address means one. */
static bool has_pointers(const struct st__transfer *t, const struct magic_type *type)
{
    for (size_t i = 0; i < t->p.ot->n_types; i++)
        if (t->p.ot->types[i].kind == MAGIC_KIND_POINTER &&
            magic_type_strip(t->p.ot->types[i].target) == type)
            return true;
    return false;
}

const struct magic_member *st__begins_twice(
    const struct st__transfer *t, uintptr_t addr, const struct magic_type **type)
{
    const struct st__moved *m = moved_at(t, addr);
    const struct st__plan *plan = m ? t->kinds[m->kind].plan : NULL;
    const struct magic_member *first;

    if (!plan || !plan->o->size || (addr - m->o) % plan->o->size != 0)
        return NULL;
    *type = plan->o;
    first = first_that_left(plan);
    return first && has_pointers(t, magic_type_strip(first->type)) ? first : NULL;
}

const char *st__describe(struct st__transfer *t, uintptr_t addr, char *buf, size_t size)
{
    uint64_t link = addr - t->old->base;
    const struct magic_func *f;
    const struct magic_var *v;
    const struct st__tls_range *in = tls_at(t, addr), *tls = in ? in : tls_at(t, addr - 1);
    struct magic__object obj;

    if (addr >= t->old->span.lo && addr < t->old->span.hi) {
        if ((f = magic_table_func_at(t->p.ot, link)))
            snprintf(buf, size, "function %s (%s:%u)", f->key, f->file, f->line);
        else if ((v = var_touching(t, link, NULL)))
            snprintf(buf, size, "variable %s+%" PRIu64 " (%s:%u)", v->key, link - v->addr, v->file,
                v->line);
        else
            snprintf(buf, size,
                "address %#" PRIx64
                " of the old image, unknown to its table (was its file built without sef-cc?)",
                link);
    } else if (magic__heap_find(addr, &obj) && obj.kind < t->n_kinds && t->kinds[obj.kind].o) {
        char spelled[96];

        snprintf(buf, size, "heap object %s+%zu",
            magic_type_spell(t->kinds[obj.kind].o, spelled, sizeof(spelled)),
            (size_t) (addr - obj.addr));
    } else if (tls) {
        snprintf(buf, size, "variable %s+%zu (%s:%u)", tls->var->key, (size_t) (addr - tls->lo),
            tls->var->file, tls->var->line);
    } else if (in_frames(t, addr)) {
        snprintf(buf, size, "a local variable of main or of a function it had called");
    } else {
        snprintf(buf, size, "address %#" PRIxPTR, addr);
    }
    return buf;
}
