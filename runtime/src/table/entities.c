/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Functions, allocation sites, and the keys of entities.
 */
#include "table/entities.h"

#include <stdio.h>
#include <string.h>

int magic__make_key(struct magic__reader *rd, const char *file, const char *scope, const char *name,
    int local, const char **ret)
{
    const char *shown = *name ? name : "<anonymous>";
    size_t size = strlen(file) + strlen(scope) + strlen(shown) + sizeof(":::");
    char *key;

    if (!local) {
        *ret = name;
        return 0;
    }
    if (size > rd->key_budget)
        return magic_error_set(
            rd->err, MAGIC_EFORMAT, "names and files of variables repeat too long text");
    rd->key_budget -= size;
    key = magic_arena_alloc(rd->arena, size);
    if (!key)
        return magic__no_memory(rd);
    snprintf(key, size, "%s:%s%s%s", file, scope, *scope ? "::" : "", shown);
    *ret = key;
    return 0;
}

static int bad_func(struct magic__reader *rd, const struct magic_func *func, const char *why)
{
    return magic_error_set(
        rd->err, MAGIC_EFORMAT, "function %s (%s:%u): %s", func->key, func->file, func->line, why);
}

static int read_func(struct magic__reader *rd, uint64_t addr, struct magic_func *func)
{
    struct magic_func_rec rec;
    uint32_t type = MAGIC__NONE;
    int error;

    memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
    error = magic__ref_string(
        rd, MAGIC__FIELD(addr, magic_func_rec, name), rec.name, "function: name", &func->name);
    if (!error)
        error = magic__ref_string(
            rd, MAGIC__FIELD(addr, magic_func_rec, file), rec.file, "function: file", &func->file);
    if (!error)
        error = magic__ref_type(
            rd, MAGIC__FIELD(addr, magic_func_rec, type), rec.type, "function: type", &type);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(addr, magic_func_rec, attrs), rec.attrs,
            "function: attributes", &func->attrs);
    if (!error)
        error = magic__make_key(rd, func->file, "", func->name,
            (rec.flags & MAGIC_FUNC_STATIC) || !*func->name, &func->key);
    if (error)
        return error;
    func->line = rec.line;
    func->flags = rec.flags;
    func->addr = MAGIC__FIELD(addr, magic_func_rec, addr) + (uint64_t) (int64_t) rec.addr;
    func->type = type == MAGIC__NONE ? NULL : magic__type_of(rd, type);
    if (rec.addr == 0 || !magic__view_has(rd->view, func->addr, 1))
        return bad_func(rd, func, "outside the image");
    if (func->type && magic_type_strip(func->type)->kind != MAGIC_KIND_FUNCTION)
        return bad_func(rd, func, "its type is no function type");
    return 0;
}

/* By address; of one address not weak first, then external. */
static int cmp_func(const void *ctx, uint32_t a, uint32_t b)
{
    static const uint32_t order_flags[] = { MAGIC_FUNC_WEAK, MAGIC_FUNC_STATIC };
    const struct magic_func *x = (const struct magic_func *) ctx + a;
    const struct magic_func *y = (const struct magic_func *) ctx + b;
    size_t i;

    if (x->addr != y->addr)
        return x->addr < y->addr ? -1 : 1;
    for (i = 0; i < 2; i++)
        if ((x->flags ^ y->flags) & order_flags[i])
            return x->flags & order_flags[i] ? 1 : -1;
    return 0;
}

int magic__read_funcs(struct magic__reader *rd)
{
    struct magic_func *raw, *funcs;
    uint32_t *order;
    size_t n, i, count = 0;
    int error = magic__section_count(rd, &rd->funcs, sizeof(struct magic_func_rec), &n);

    if (error)
        return error;
    raw = magic_arena_array(&rd->scratch, n, sizeof(*raw));
    funcs = magic_arena_array(rd->arena, n, sizeof(*funcs));
    if (!raw || !funcs)
        return magic__no_memory(rd);
    for (i = 0; i < n && !error; i++)
        error = read_func(rd, rd->funcs.start + i * sizeof(struct magic_func_rec), &raw[i]);
    if (error)
        return error;
    order = magic__sorted_ids(rd, &rd->scratch, n, cmp_func, raw);
    if (!order)
        return magic__no_memory(rd);
    for (i = 0; i < n; i++) {
        if (count && funcs[count - 1].addr == raw[order[i]].addr)
            continue;
        funcs[count] = raw[order[i]];
        funcs[count].id = (uint32_t) count;
        count++;
    }
    rd->table->pub.funcs = funcs;
    rd->table->pub.n_funcs = count;
    return 0;
}

static int read_site_strings(
    struct magic__reader *rd, const struct magic_site_rec *rec, struct magic_site *site)
{
    int error = magic__ref_string(rd, MAGIC__FIELD(site->addr, magic_site_rec, function),
        rec->function, "site: function", &site->function);

    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(site->addr, magic_site_rec, receiver),
            rec->receiver, "site: receiver", &site->receiver);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(site->addr, magic_site_rec, callee), rec->callee,
            "site: callee", &site->callee);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(site->addr, magic_site_rec, reason), rec->reason,
            "site: reason", &site->reason);
    return error ? error
                 : magic__ref_string(rd, MAGIC__FIELD(site->addr, magic_site_rec, file), rec->file,
                       "site: file", &site->file);
}

static int read_site(struct magic__reader *rd, uint64_t addr, struct magic_site *site)
{
    struct magic_site_rec rec;
    uint32_t type = MAGIC__NONE;
    int error;

    memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
    site->addr = addr;
    error = read_site_strings(rd, &rec, site);
    if (!error)
        error = magic__ref_type(
            rd, MAGIC__FIELD(addr, magic_site_rec, type), rec.type, "site: type", &type);
    if (error)
        return error;
    site->line = rec.line;
    site->ordinal = rec.ordinal;
    site->flags = rec.flags;
    site->elem_size = rec.elem_size;
    if (type == MAGIC__NONE)
        return 0;
    site->type = magic__type_of(rd, type);
    /* The unit may have known the type by name only. */
    if (site->elem_size == 0)
        site->elem_size = site->type->size;
    if (site->elem_size != site->type->size)
        return magic_error_set(rd->err, MAGIC_EFORMAT, "site %s:%u (%s): size is not its type's",
            site->file, site->line, site->function);
    return 0;
}

int magic__read_sites(struct magic__reader *rd)
{
    struct magic_site *sites;
    size_t n, i;
    int error = magic__section_count(rd, &rd->sites, sizeof(struct magic_site_rec), &n);

    if (error)
        return error;
    sites = magic_arena_array(rd->arena, n, sizeof(*sites));
    if (!sites)
        return magic__no_memory(rd);
    for (i = 0; i < n && !error; i++) {
        sites[i].id = (uint32_t) i;
        error = read_site(rd, rd->sites.start + i * sizeof(struct magic_site_rec), &sites[i]);
    }
    rd->table->pub.sites = sites;
    rd->table->pub.n_sites = n;
    return error;
}
