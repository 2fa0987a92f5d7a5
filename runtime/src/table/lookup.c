/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Finding entities by address, by name as a C programmer would write it, and enumerators.
 */
#include <stdio.h>
#include <string.h>

#include "table/reader.h"

static const struct magic__table *table_of(const struct magic_table *table)
{
    return (const struct magic__table *) (const void *) table;
}

static int cmp_var_name(const void *ctx, uint32_t a, uint32_t b)
{
    const struct magic_var *vars = ctx;

    return strcmp(vars[a].name, vars[b].name);
}

static int cmp_func_name(const void *ctx, uint32_t a, uint32_t b)
{
    const struct magic_func *funcs = ctx;

    return strcmp(funcs[a].name, funcs[b].name);
}

static int cmp_enumerator(const void *ctx, uint32_t a, uint32_t b)
{
    const struct magic__enumerator_name *names = ctx;
    int order = strcmp(names[a].name, names[b].name);

    return order ? order : (names[a].value > names[b].value) - (names[a].value < names[b].value);
}

static int index_enumerators(struct magic__reader *rd)
{
    const struct magic_table *pub = &rd->table->pub;
    struct magic__enumerator_name *raw, *sorted;
    uint32_t *order;
    size_t i, n = 0;
    uint32_t k;

    for (i = 0; i < pub->n_types; i++)
        n += pub->types[i].kind == MAGIC_KIND_ENUM ? pub->types[i].count : 0;
    raw = magic_arena_array(&rd->scratch, n, sizeof(*raw));
    sorted = magic_arena_array(rd->arena, n, sizeof(*sorted));
    if (!raw || !sorted)
        return magic__no_memory(rd);
    for (i = 0, n = 0; i < pub->n_types; i++)
        for (k = 0; pub->types[i].kind == MAGIC_KIND_ENUM && k < pub->types[i].count; k++, n++) {
            raw[n].name = pub->types[i].enumerators[k].name;
            raw[n].value = pub->types[i].enumerators[k].value;
        }
    order = magic__sorted_ids(rd, &rd->scratch, n, cmp_enumerator, raw);
    if (!order)
        return magic__no_memory(rd);
    for (i = 0; i < n; i++)
        sorted[i] = raw[order[i]];
    rd->table->enumerators = sorted;
    rd->table->n_enumerators = n;
    return 0;
}

int magic__index_names(struct magic__reader *rd)
{
    struct magic__table *table = rd->table;

    table->vars_by_name =
        magic__sorted_ids(rd, rd->arena, table->pub.n_vars, cmp_var_name, table->pub.vars);
    table->funcs_by_name =
        magic__sorted_ids(rd, rd->arena, table->pub.n_funcs, cmp_func_name, table->pub.funcs);
    if (!table->vars_by_name || !table->funcs_by_name)
        return magic__no_memory(rd);
    return index_enumerators(rd);
}

const struct magic_var *magic_table_var_at(const struct magic_table *table, uint64_t addr)
{
    const struct magic__table *self = table_of(table);
    const struct magic_var *var;
    size_t lo = 0, hi = self->n_mapped;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (table->vars[mid].addr <= addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == 0)
        return NULL;
    var = &table->vars[lo - 1];
    if (addr - var->addr >= var->size)
        var = &table->vars[self->cover[lo - 1]];
    return addr - var->addr < var->size ? var : NULL;
}

const struct magic_func *magic_table_func_at(const struct magic_table *table, uint64_t addr)
{
    size_t lo = 0, hi = table->n_funcs;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (table->funcs[mid].addr < addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < table->n_funcs && table->funcs[lo].addr == addr ? &table->funcs[lo] : NULL;
}

const struct magic_type *magic_table_type_at(const struct magic_table *table, uint64_t rec_addr)
{
    const struct magic__table *self = table_of(table);
    size_t lo = 0, hi = self->n_recs;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (self->rec_addrs[mid] < rec_addr)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < self->n_recs && self->rec_addrs[lo] == rec_addr ? self->rec_types[lo] : NULL;
}

/* A name taken apart; parts that are not given have length 0. */
struct query {
    const char *file, *scope, *name;
    size_t file_len, scope_len, name_len;
};

/* "name", "file:name", "scope::name" or "file:scope::name". Only the last part is ever needed to be
 * a C identifier; a file may hold any character. */
static struct query parse_query(const char *text, size_t len)
{
    struct query q = { .name = text, .name_len = len };
    size_t i;

    for (i = len; i > 0 && text[i - 1] != ':'; i--)
        ;
    if (i == 0)
        return q;
    q.name = text + i;
    q.name_len = len - i;
    q.file = text;
    q.file_len = i - 1;
    if (i < 2 || text[i - 2] != ':')
        return q;
    for (len = i -= 2; i > 0 && text[i - 1] != ':'; i--)
        ;
    q.scope = text + i;
    q.scope_len = len - i;
    q.file_len = i ? i - 1 : 0;
    return q;
}

/* Compare a whole string with `len` bytes. */
static int cmp_text(const char *string, const char *text, size_t len)
{
    size_t n = strlen(string);
    int order = memcmp(string, text, n < len ? n : len);

    return order ? order : (n > len) - (n < len);
}

/* Is `text` the file, or its trailing path components? */
static int file_matches(const char *file, const char *text, size_t len)
{
    size_t file_len = strlen(file);

    return len == 0 || (len <= file_len && memcmp(file + file_len - len, text, len) == 0 &&
                           (len == file_len || file[file_len - len - 1] == '/'));
}

/* How near an entity is to a query: 0 not at all; else a lower one hides a higher one, as in C a
 * name of external linkage is what another file sees. */
enum { NO_MATCH, EXTERNAL, FILE_STATIC, FUNCTION_STATIC };

static int rank_var(const struct magic_var *var, const struct query *q)
{
    if (cmp_text(var->name, q->name, q->name_len) != 0 ||
        !file_matches(var->file, q->file, q->file_len))
        return NO_MATCH;
    if (q->scope && cmp_text(var->scope, q->scope, q->scope_len) != 0)
        return NO_MATCH;
    if (*var->scope)
        return FUNCTION_STATIC;
    return var->flags & MAGIC_VAR_STATIC ? FILE_STATIC : EXTERNAL;
}

static int rank_func(const struct magic_func *func, const struct query *q)
{
    if (q->scope || cmp_text(func->name, q->name, q->name_len) != 0 ||
        !file_matches(func->file, q->file, q->file_len))
        return NO_MATCH;
    return func->flags & MAGIC_FUNC_STATIC ? FILE_STATIC : EXTERNAL;
}

/* The candidates of one search. */
struct search {
    int rank; /* of the best so far */
    uint32_t id;
    size_t n;       /* entities of that rank */
    char text[384]; /* their keys */
};

static void search_add(struct search *search, int rank, uint32_t id, const char *key)
{
    size_t len;

    if (rank == NO_MATCH || (search->n && rank > search->rank))
        return;
    if (search->n && rank < search->rank)
        search->n = 0;
    if (search->n == 0)
        search->text[0] = 0;
    search->rank = rank;
    search->id = id;
    len = strlen(search->text);
    snprintf(search->text + len, sizeof(search->text) - len, "%s%s", search->n++ ? ", " : "", key);
}

static int search_end(const struct search *search, const char *what, const char *name, size_t len,
    struct magic_error *err)
{
    int shown = len < 100 ? (int) len : 100;

    if (search->n == 0)
        return magic_error_set(err, MAGIC_ENOENT, "no %s '%.*s'", what, shown, name);
    if (search->n > 1)
        return magic_error_set(
            err, MAGIC_EAMBIGUOUS, "'%.*s' may be %s", shown, name, search->text);
    return 0;
}

int magic_table_find_var(const struct magic_table *table, const char *name, size_t len,
    const struct magic_var **ret, struct magic_error *err)
{
    const uint32_t *ids = table_of(table)->vars_by_name;
    struct query q = parse_query(name, len);
    struct search search = { .n = 0 };
    size_t lo = 0, hi = table->n_vars;
    int error;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (cmp_text(table->vars[ids[mid]].name, q.name, q.name_len) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < table->n_vars; lo++) {
        const struct magic_var *var = &table->vars[ids[lo]];

        if (q.name_len == 0 || cmp_text(var->name, q.name, q.name_len) != 0)
            break;
        search_add(&search, rank_var(var, &q), var->id, var->key);
    }
    error = search_end(&search, "variable", name, len, err);
    if (!error)
        *ret = &table->vars[search.id];
    return error;
}

int magic_table_find_func(const struct magic_table *table, const char *name, size_t len,
    const struct magic_func **ret, struct magic_error *err)
{
    const uint32_t *ids = table_of(table)->funcs_by_name;
    struct query q = parse_query(name, len);
    struct search search = { .n = 0 };
    size_t lo = 0, hi = table->n_funcs;
    int error;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (cmp_text(table->funcs[ids[mid]].name, q.name, q.name_len) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < table->n_funcs; lo++) {
        const struct magic_func *func = &table->funcs[ids[lo]];

        if (q.name_len == 0 || cmp_text(func->name, q.name, q.name_len) != 0)
            break;
        search_add(&search, rank_func(func, &q), func->id, func->key);
    }
    error = search_end(&search, "function", name, len, err);
    if (!error)
        *ret = &table->funcs[search.id];
    return error;
}

int magic_table_find_enumerator(const struct magic_table *table, const char *name, size_t len,
    int64_t *ret, struct magic_error *err)
{
    const struct magic__enumerator_name *names = table_of(table)->enumerators;
    size_t lo = 0, hi = table_of(table)->n_enumerators, n = hi;
    int shown = len < 100 ? (int) len : 100;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (cmp_text(names[mid].name, name, len) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (len == 0 || lo == n || cmp_text(names[lo].name, name, len) != 0)
        return magic_error_set(err, MAGIC_ENOENT, "no enumerator '%.*s'", shown, name);
    /* Equal names are sorted by value: if any differs, the last one does. */
    for (hi = lo; hi + 1 < n && cmp_text(names[hi + 1].name, name, len) == 0; hi++)
        ;
    if (names[hi].value != names[lo].value)
        return magic_error_set(err, MAGIC_EAMBIGUOUS,
            "enumerator '%.*s' is %lld in one enum and %lld in another", shown, name,
            (long long) names[lo].value, (long long) names[hi].value);
    *ret = names[lo].value;
    return 0;
}
