/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Forwarding: from an address of the old state to its successor.
 *
 * What moved is the old image's variables and functions, the main thread's old thread-local
 * variables, and heap objects that were rebuilt. A rebuilt object's first word holds the address of
 * the new one (move.c), so that this costs one look-up in the heap index. Read-only data of old
 * images stays mapped: pointers to string literals need no forwarding.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

static int forward_var(struct st__transfer *t, const struct magic_var *o, uint64_t off,
    const struct magic_type *want, uintptr_t *ret)
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
    err = st__plan_offset(plan, off, want, &new_off);
    if (err)
        return err;
    *ret = (uintptr_t) magic__image_var_addr(t->new, n) + new_off;
    return 1;
}

/* True if a `want` begins where a value of the type begins, or may do so. */
static bool begins_with(const struct magic_type *type, const struct magic_type *want)
{
    for (;;) {
        type = magic_type_strip(type);
        if (type == want || type->kind == MAGIC_KIND_UNION)
            return true;
        if (type->kind == MAGIC_KIND_ARRAY)
            type = type->target;
        else if (type->kind == MAGIC_KIND_STRUCT && type->count && !type->members[0].bit_offset)
            type = type->members[0].type;
        else
            return false;
    }
}

/* True if the last of what a variable consists of is a `want`: itself, or its elements. */
static bool consists_of(const struct magic_var *v, const struct magic_type *want)
{
    const struct magic_type *type = magic_type_strip(v->type);

    while (type != want && type->kind == MAGIC_KIND_ARRAY)
        type = magic_type_strip(type->target);
    return type == want;
}

/* The variable at a link-time address, or the one that ends there. Where one ends and the next
 * begins, a pointer to what only the first consists of leads to its end. */
static const struct magic_var *var_touching(
    const struct st__transfer *t, uint64_t addr, const struct magic_type *want)
{
    const struct magic_var *v = magic_table_var_at(t->p.ot, addr), *before, *n;

    if (addr == 0 || (v && (v->addr != addr || !want)))
        return v;
    before = magic_table_var_at(t->p.ot, addr - 1);
    if (!v || !before || !t->p.var_pair[before->id])
        return v ? v : before;
    n = t->p.var_pair[v->id];
    return consists_of(t->p.var_pair[before->id], want) && !(n && begins_with(n->type, want))
               ? before
               : v;
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
        return forward_var(t, v, link - v->addr, want, ret);
    return magic__image_stays_readable(t->old, addr) ? 0 : MAGIC_EFAULT;
}

static int forward_object(struct st__transfer *t, const struct magic__object *obj, uintptr_t addr,
    const struct magic_type *want, uintptr_t *ret)
{
    const struct st__kind_plan *k = &t->kinds[obj->kind];
    uint64_t off = addr - obj->addr, size = k->o->size, new_off;
    uintptr_t base;
    int err;

    if (!k->plan) /* its type is gone: nothing of the new version may take it for another */
        return want && (want->kind == MAGIC_KIND_STRUCT || want->kind == MAGIC_KIND_UNION)
                   ? MAGIC_EUNPAIRED
                   : 0;
    err = st__plan_offset(k->plan, off == obj->size ? size : off % size, want, &new_off);
    if (err)
        return err;
    if (off == obj->size)
        off -= size;
    memcpy(&base, (const void *) obj->addr, sizeof(base));
    *ret = base + off / size * k->n->size + new_off;
    return 1;
}

static int forward_tls(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want, uintptr_t *ret)
{
    for (size_t i = 0; i < t->n_tls; i++) {
        const struct st__tls_range *r = &t->tls[i];

        if (addr >= r->lo && addr < r->lo + r->var->size)
            return forward_var(t, r->var, addr - r->lo, want, ret);
    }
    return 0;
}

static bool in_frames(const struct st__transfer *t, uintptr_t addr)
{
    return addr >= t->frames.lo && addr < t->frames.hi;
}

/* An object that moved, or lost its type, with `addr` in it. */
static bool changed_object(struct st__transfer *t, uintptr_t addr, struct magic__object *obj)
{
    const struct st__kind_plan *k;

    if (!t->heap_changed || !magic__heap_find(addr, obj) || obj->kind >= t->n_kinds)
        return false;
    k = &t->kinds[obj->kind];
    return k->o && (k->new_kind || !k->plan);
}

/* An object that moved and ends at `addr`, for a pointer to its type. Where allocators put blocks
 * side by side, any other pointer is one to whatever begins there. */
static bool ends_at(struct st__transfer *t, uintptr_t addr, const struct magic_type *want,
    struct magic__object *obj)
{
    struct magic__object at;

    return want && changed_object(t, addr - 1, obj) && obj->addr + obj->size == addr &&
           t->kinds[obj->kind].n == want && !magic__heap_find(addr, &at);
}

int st__forward(
    struct st__transfer *t, uintptr_t addr, const struct magic_type *want, uintptr_t *ret)
{
    struct magic__object obj;

    if (addr >= t->old->span.lo && addr < t->old->span.hi)
        return forward_image(t, addr, want, ret);
    if (changed_object(t, addr, &obj) || ends_at(t, addr, want, &obj))
        return forward_object(t, &obj, addr, want, ret);
    if (in_frames(t, addr))
        return MAGIC_EFAULT;
    return forward_tls(t, addr, want, ret);
}

/* Allocators keep addresses in their own data that look like pointers to objects: glibc those of
 * free chunks, whose headers begin in the last word of the object before them; others the start
 * of a page that they cut into objects. */
static bool maybe_allocators(
    const struct st__transfer *t, const struct magic__object *obj, uintptr_t addr)
{
    if (!t->libc_heap)
        return addr == obj->addr && addr == magic__os_page_down(addr);
    return addr + sizeof(addr) >= obj->addr + magic__heap_usable((void *) obj->addr);
}

int st__forward_opaque(struct st__transfer *t, uintptr_t addr, uintptr_t *ret)
{
    struct magic__object obj;

    if (addr >= t->old->span.lo && addr < t->old->span.hi) {
        /* One past the end of a variable is the end of something else as often: of a segment. */
        uint64_t link = addr - t->old->base;

        if (!magic_table_var_at(t->p.ot, link) && !magic_table_func_at(t->p.ot, link))
            return 0;
        return forward_image(t, addr, NULL, ret);
    }
    if (changed_object(t, addr, &obj))
        return maybe_allocators(t, &obj, addr) ? 0 : forward_object(t, &obj, addr, NULL, ret);
    /* The start of the thread-local block is what the dynamic linker's vector keeps. */
    return addr == t->tls_block ? 0 : forward_tls(t, addr, NULL, ret);
}

const char *st__describe(struct st__transfer *t, uintptr_t addr, char *buf, size_t size)
{
    uint64_t link = addr - t->old->base;
    const struct magic_func *f;
    const struct magic_var *v;
    struct magic__object obj;

    if (addr >= t->old->span.lo && addr < t->old->span.hi) {
        if ((f = magic_table_func_at(t->p.ot, link)))
            snprintf(buf, size, "function %s (%s:%u)", f->key, f->file, f->line);
        else if ((v = var_touching(t, link, NULL)))
            snprintf(buf, size, "variable %s+%" PRIu64 " (%s:%u)", v->key, link - v->addr, v->file,
                v->line);
        else
            snprintf(buf, size,
                "address %#" PRIx64 " of the old image, which its table does not "
                "know",
                link);
    } else if (magic__heap_find(addr, &obj) && obj.kind < t->n_kinds && t->kinds[obj.kind].o) {
        char spelled[96];

        snprintf(buf, size, "heap object %s+%zu",
            magic_type_spell(t->kinds[obj.kind].o, spelled, sizeof(spelled)),
            (size_t) (addr - obj.addr));
    } else if (in_frames(t, addr)) {
        snprintf(buf, size, "a local variable of main or of a function it had called");
    } else {
        snprintf(buf, size, "address %#" PRIxPTR, addr);
    }
    return buf;
}
