/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Variable records to variables: one an address, with the key that pairs it over versions.
 */
#include <string.h>

#include "table/entities.h"

/* A variable and what decides between records of one address. */
struct raw_var {
    struct magic_var var;
    int typed;
};

static int bad_var(struct magic__reader *rd, const struct magic_var *var, const char *why)
{
    return magic_error_set(
        rd->err, MAGIC_EFORMAT, "variable %s (%s:%u): %s", var->key, var->file, var->line, why);
}

/* A type of `size` opaque bytes, for a variable whose type is not known. */
static const struct magic_type *opaque_type(struct magic__reader *rd, uint64_t size)
{
    struct magic_type *type;

    /* Neighbouring records often agree; others of equal size are merely repeated. */
    if (rd->n_built && rd->built[rd->n_built - 1].kind == MAGIC_KIND_OPAQUE &&
        rd->built[rd->n_built - 1].size == size)
        return &rd->built[rd->n_built - 1];
    type = magic__add_type(rd, MAGIC_KIND_OPAQUE);
    type->size = size;
    type->align = 1;
    type->flags = MAGIC_TYPE_HAS_POINTERS;
    return type;
}

static int check_var(struct magic__reader *rd, const struct magic_var *var, uint32_t align)
{
    if (align & (align - 1))
        return bad_var(rd, var, "alignment not a power of two");
    if (var->flags & MAGIC_VAR_TLS) {
        if (!magic__view_has(rd->view, var->addr, 1))
            return bad_var(rd, var, "accessor outside the image");
    } else if (!magic__view_has(rd->view, var->addr, var->size)) {
        return bad_var(rd, var, "outside the image");
    }
    if (var->size < var->type->size)
        return bad_var(rd, var, "smaller than its type");
    return 0;
}

static int read_var(struct magic__reader *rd, uint64_t addr, struct raw_var *raw)
{
    struct magic_var *var = &raw->var;
    struct magic_var_rec rec;
    uint32_t type = MAGIC__NONE;
    int error;

    memcpy(&rec, magic__view_bytes(rd->view, addr, sizeof(rec)), sizeof(rec));
    error = magic__ref_string(
        rd, MAGIC__FIELD(addr, magic_var_rec, name), rec.name, "variable: name", &var->name);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(addr, magic_var_rec, scope), rec.scope,
            "variable: function", &var->scope);
    if (!error)
        error = magic__ref_string(
            rd, MAGIC__FIELD(addr, magic_var_rec, file), rec.file, "variable: file", &var->file);
    if (!error)
        error = magic__ref_type(
            rd, MAGIC__FIELD(addr, magic_var_rec, type), rec.type, "variable: type", &type);
    if (!error)
        error = magic__ref_string(rd, MAGIC__FIELD(addr, magic_var_rec, attrs), rec.attrs,
            "variable: attributes", &var->attrs);
    if (!error)
        error = magic__make_key(rd, var->file, var->scope, var->name,
            (rec.flags & MAGIC_VAR_STATIC) || *var->scope || !*var->name, &var->key);
    if (error)
        return error;
    var->line = rec.line;
    var->flags = rec.flags;
    var->size = rec.size;
    var->addr = MAGIC__FIELD(addr, magic_var_rec, addr) + (uint64_t) (int64_t) rec.addr;
    raw->typed = type != MAGIC__NONE;
    var->type = raw->typed ? magic__type_of(rd, type) : opaque_type(rd, rec.size);
    if (rec.addr == 0)
        return bad_var(rd, var, "no address");
    return check_var(rd, var, rec.align);
}

/* By address, better records of one address first: not weak, typed, larger. TLS variables behind
 * all others, by key. */
static int cmp_place(const void *ctx, uint32_t a, uint32_t b)
{
    const struct raw_var *x = (const struct raw_var *) ctx + a;
    const struct raw_var *y = (const struct raw_var *) ctx + b;
    int x_tls = !!(x->var.flags & MAGIC_VAR_TLS), y_tls = !!(y->var.flags & MAGIC_VAR_TLS);
    int x_weak = !!(x->var.flags & (MAGIC_VAR_WEAK | MAGIC_VAR_COMMON));
    int y_weak = !!(y->var.flags & (MAGIC_VAR_WEAK | MAGIC_VAR_COMMON));

    if (x_tls != y_tls)
        return x_tls - y_tls;
    if (x_tls) {
        int order = strcmp(x->var.key, y->var.key);

        return order ? order : x_weak - y_weak;
    }
    if (x->var.addr != y->var.addr)
        return x->var.addr < y->var.addr ? -1 : 1;
    if (x_weak != y_weak)
        return x_weak - y_weak;
    if (x->typed != y->typed)
        return y->typed - x->typed;
    return (x->var.size < y->var.size) - (x->var.size > y->var.size);
}

/* Records of the same variable? */
static int same_var(const struct magic_var *x, const struct magic_var *y)
{
    if ((x->flags ^ y->flags) & MAGIC_VAR_TLS)
        return 0;
    if (x->flags & MAGIC_VAR_TLS)
        return !((x->flags | y->flags) & MAGIC_VAR_STATIC) && strcmp(x->key, y->key) == 0;
    return x->addr == y->addr;
}

/* Of the records order[0..n) of one variable the best that does not reach into the next variable:
 * the linker kept one of several weak definitions, which may differ in size. */
static const struct raw_var *choose(
    const struct raw_var *raw, const uint32_t *order, size_t n, const struct raw_var *next)
{
    size_t i;

    for (i = 0; i < n; i++) {
        const struct magic_var *var = &raw[order[i]].var;

        if (!next || (next->var.flags & MAGIC_VAR_TLS) || var->size <= next->var.addr - var->addr)
            return &raw[order[i]];
    }
    return &raw[order[0]];
}

static size_t place_vars(
    const struct raw_var *raw, const uint32_t *order, size_t n, struct magic_var *vars)
{
    size_t i, j, count = 0;

    for (i = 0; i < n; i = j) {
        for (j = i + 1; j < n && same_var(&raw[order[i]].var, &raw[order[j]].var); j++)
            ;
        vars[count] = choose(raw, order + i, j - i, j < n ? &raw[order[j]] : NULL)->var;
        vars[count].id = (uint32_t) count;
        count++;
    }
    return count;
}

/* Index for lookups by address, and a check that no two writable variables overlap. (Read-only ones
 * may: the linker merges equal tails.) */
static int index_places(struct magic__reader *rd, const struct magic_var *vars, size_t n)
{
    uint32_t *cover = magic_arena_array(rd->arena, n, sizeof(*cover));
    const struct magic_var *last = NULL;
    size_t i;

    if (!cover)
        return magic__no_memory(rd);
    for (i = 0; i < n && !(vars[i].flags & MAGIC_VAR_TLS); i++) {
        cover[i] = (uint32_t) i;
        if (i > 0 &&
            vars[cover[i - 1]].addr + vars[cover[i - 1]].size > vars[i].addr + vars[i].size)
            cover[i] = cover[i - 1];
        if (vars[i].flags & MAGIC_VAR_CONST)
            continue;
        if (last && last->addr + last->size > vars[i].addr)
            return magic_error_set(
                rd->err, MAGIC_EFORMAT, "variables %s and %s overlap", last->key, vars[i].key);
        last = &vars[i];
    }
    rd->table->cover = cover;
    rd->table->n_mapped = i;
    return 0;
}

int magic__read_vars(struct magic__reader *rd)
{
    struct raw_var *raw;
    struct magic_var *vars;
    uint32_t *order;
    size_t n, i;
    int error = magic__section_count(rd, &rd->vars, sizeof(struct magic_var_rec), &n);

    if (error)
        return error;
    raw = magic_arena_array(&rd->scratch, n, sizeof(*raw));
    vars = magic_arena_array(rd->arena, n, sizeof(*vars));
    if (!raw || !vars)
        return magic__no_memory(rd);
    for (i = 0; i < n && !error; i++)
        error = read_var(rd, rd->vars.start + i * sizeof(struct magic_var_rec), &raw[i]);
    if (error)
        return error;
    rd->table->pub.types = rd->built;
    rd->table->pub.n_types = rd->n_built;
    order = magic__sorted_ids(rd, &rd->scratch, n, cmp_place, raw);
    if (!order)
        return magic__no_memory(rd);
    rd->table->pub.vars = vars;
    rd->table->pub.n_vars = place_vars(raw, order, n, vars);
    return index_places(rd, vars, rd->table->pub.n_vars);
}
