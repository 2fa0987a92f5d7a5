/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names of an expression: variables, enumerators, functions, and types.
 *
 * "file.c:x" is one name if the table has such a variable; else the colon is that of a ?:.
 */
#include <string.h>

#include "eval/eval_internal.h"

static int is_path(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("_./-+", c));
}

/* Length of "ident::ident" at p, or 0. */
static size_t scoped_len(const struct magic__parser *p)
{
    struct magic__parser at = *p;
    size_t len = magic__ident_len(&at), name;

    if (len == 0 || (size_t) (p->end - p->pos) < len + 3 || memcmp(p->pos + len, "::", 2) != 0)
        return 0;
    at.pos += len + 2;
    name = magic__ident_len(&at);
    return name ? len + 2 + name : 0;
}

/* Length of "file.c:ident" or "file.c:ident::ident" at p, or 0. */
static size_t filed_len(const struct magic__parser *p)
{
    struct magic__parser at = *p;
    size_t name;

    while (at.pos < p->end && is_path(*at.pos))
        at.pos++;
    if (at.pos == p->pos || at.pos == p->end || *at.pos != ':' ||
        !memchr(p->pos, '.', (size_t) (at.pos - p->pos)))
        return 0;
    at.pos++;
    name = scoped_len(&at);
    if (name == 0)
        name = magic__ident_len(&at);
    return name ? (size_t) (at.pos - p->pos) + name : 0;
}

static int var_node(struct magic__parser *p, const struct magic_var *var, uint32_t *ret)
{
    struct magic__eval_type type = { var->type, 0 };
    int error = magic__new_node(p, MAGIC__OP_VAR, type, ret);

    if (error)
        return error;
    p->program->nodes[*ret].lvalue = 1;
    p->program->nodes[*ret].as.var = var;
    return 0;
}

static int func_node(struct magic__parser *p, const struct magic_func *func, uint32_t *ret)
{
    /* Of an unknown function only the address is of use. */
    struct magic__eval_type type = magic__builtin_type(MAGIC__T_VOID);
    int error;

    if (func->type)
        type.base = func->type;
    type.stars = 1;
    error = magic__new_node(p, MAGIC__OP_FUNC, type, ret);
    if (!error)
        p->program->nodes[*ret].as.u = func->addr;
    return error;
}

/* Look up `len` bytes as a variable or function. */
static int find_entity(struct magic__parser *p, size_t len, uint32_t *ret)
{
    const struct magic_table *table = p->env->table;
    const struct magic_func *func;
    const struct magic_var *var;
    struct magic_error func_err;
    int error = magic_table_find_var(table, p->pos, len, &var, p->err);

    if (!error)
        return var_node(p, var, ret);
    if (error != MAGIC_ENOENT)
        return error;
    error = magic_table_find_func(table, p->pos, len, &func, &func_err);
    if (!error)
        return func_node(p, func, ret);
    return error == MAGIC_ENOENT ? error : magic_error_set(p->err, error, "%s", func_err.text);
}

/* Names that C programs take from headers. */
static int find_constant(struct magic__parser *p, size_t len, uint32_t *ret)
{
    int error;

    if (len == 4 && memcmp(p->pos, "true", 4) == 0)
        return magic__build_int(p, MAGIC__T_INT, 1, ret);
    if (len == 5 && memcmp(p->pos, "false", 5) == 0)
        return magic__build_int(p, MAGIC__T_INT, 0, ret);
    if (len != 4 || memcmp(p->pos, "NULL", 4) != 0)
        return MAGIC_ENOENT;
    error = magic__build_int(p, MAGIC__T_VOID, 0, ret);
    if (!error)
        p->program->nodes[*ret].type.stars = 1;
    return error;
}

static int find_plain(struct magic__parser *p, size_t len, uint32_t *ret)
{
    struct magic_error enum_err;
    int64_t value;
    int error = find_entity(p, len, ret);

    if (error != MAGIC_ENOENT)
        return error;
    error = magic_table_find_enumerator(p->env->table, p->pos, len, &value, &enum_err);
    if (error == 0)
        return magic__build_int(p,
            value >= INT32_MIN && value <= INT32_MAX ? MAGIC__T_INT : MAGIC__T_LONG,
            (uint64_t) value, ret);
    if (error != MAGIC_ENOENT)
        return magic_error_set(p->err, error, "%s", enum_err.text);
    return find_constant(p, len, ret);
}

int magic__parse_name(struct magic__parser *p, uint32_t *ret)
{
    size_t lens[] = { filed_len(p), scoped_len(p), magic__ident_len(p) };
    int error = MAGIC_ENOENT;
    size_t i;

    for (i = 0; i < 3 && error == MAGIC_ENOENT; i++) {
        if (lens[i] == 0)
            continue;
        error = i == 2 ? find_plain(p, lens[i], ret) : find_entity(p, lens[i], ret);
        if (!error)
            p->pos += lens[i];
    }
    if (error != MAGIC_ENOENT)
        return error;
    for (i = 0; i < 2 && lens[i] == 0; i++)
        ;
    return magic_error_set(p->err, error, "no variable, enumerator or function '%.*s'",
        lens[i] < 100 ? (int) lens[i] : 100, p->pos);
}

/* The only type of a kind and name; several that differ are an error, as C would not see both. */
static int find_type(
    struct magic__parser *p, unsigned kind, size_t len, const struct magic_type **ret)
{
    const struct magic_table *table = p->env->table;
    const struct magic_type *found = NULL;
    size_t i;

    for (i = 0; i < table->n_types; i++) {
        const struct magic_type *type = &table->types[i];

        if (type->kind != kind || strncmp(type->name, p->pos, len) != 0 || type->name[len])
            continue;
        if ((type->flags & MAGIC_TYPE_INCOMPLETE) && found)
            continue;
        if (found && !(found->flags & MAGIC_TYPE_INCOMPLETE) &&
            magic_type_strip(found) != magic_type_strip(type))
            return magic_error_set(p->err, MAGIC_EAMBIGUOUS, "several types are named '%.*s'",
                len < 100 ? (int) len : 100, p->pos);
        found = type;
    }
    if (!found)
        return magic_error_set(
            p->err, MAGIC_ENOENT, "no type '%.*s'", len < 100 ? (int) len : 100, p->pos);
    *ret = found;
    return 0;
}

static int parse_tagged(struct magic__parser *p, unsigned kind, struct magic__eval_type *ret)
{
    size_t len;
    int error;

    magic__skip_space(p);
    len = magic__ident_len(p);
    if (len == 0)
        return magic__syntax_error(p, "expected a tag");
    error = find_type(p, kind, len, &ret->base);
    if (!error)
        p->pos += len;
    return error;
}

/* Typedefs of <stdint.h> and <stddef.h>, which a table need not have. */
static int find_standard(struct magic__parser *p, size_t len, struct magic__eval_type *ret)
{
    static const struct {
        const char *name;
        enum magic__builtin type;
    } names[] = {
        { "int8_t", MAGIC__T_SCHAR },
        { "uint8_t", MAGIC__T_UCHAR },
        { "int16_t", MAGIC__T_SHORT },
        { "uint16_t", MAGIC__T_USHORT },
        { "int32_t", MAGIC__T_INT },
        { "uint32_t", MAGIC__T_UINT },
        { "int64_t", MAGIC__T_LONG },
        { "uint64_t", MAGIC__T_ULONG },
        { "size_t", MAGIC__T_ULONG },
        { "ssize_t", MAGIC__T_LONG },
        { "intptr_t", MAGIC__T_LONG },
        { "uintptr_t", MAGIC__T_ULONG },
        { "ptrdiff_t", MAGIC__T_LONG },
        { "bool", MAGIC__T_BOOL },
    };
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i].name) == len && memcmp(p->pos, names[i].name, len) == 0) {
            *ret = magic__builtin_type(names[i].type);
            return 1;
        }
    return 0;
}

/* How often each keyword of a type name was seen. */
struct keywords {
    unsigned char is_signed, is_unsigned, is_short, is_long, is_int, is_char, is_float, is_double,
        is_void, is_bool;
};

static unsigned parse_keywords(struct magic__parser *p, struct keywords *k)
{
    const struct {
        const char *text;
        unsigned char *count;
    } all[] = {
        { "signed", &k->is_signed },
        { "unsigned", &k->is_unsigned },
        { "short", &k->is_short },
        { "long", &k->is_long },
        { "int", &k->is_int },
        { "char", &k->is_char },
        { "float", &k->is_float },
        { "double", &k->is_double },
        { "void", &k->is_void },
        { "_Bool", &k->is_bool },
    };
    unsigned n = 0;
    size_t i = 0;

    while (i < sizeof(all) / sizeof(all[0]) && n < 8) {
        if (magic__accept(p, "const") || magic__accept(p, "volatile"))
            continue;
        if (!magic__accept(p, all[i].text)) {
            i++;
            continue;
        }
        ++*all[i].count;
        n++;
        i = 0;
    }
    return n;
}

static int keyword_type(
    struct magic__parser *p, const struct keywords *k, unsigned n, struct magic__eval_type *ret)
{
    unsigned sign = k->is_signed + k->is_unsigned, u = k->is_unsigned;
    enum magic__builtin type;

    if (k->is_char + sign == n && k->is_char == 1 && sign <= 1)
        type = k->is_unsigned ? MAGIC__T_UCHAR : k->is_signed ? MAGIC__T_SCHAR : MAGIC__T_CHAR;
    else if (k->is_short + k->is_int + sign == n && k->is_short == 1 && k->is_int <= 1 && sign <= 1)
        type = u ? MAGIC__T_USHORT : MAGIC__T_SHORT;
    else if (k->is_long + k->is_int + sign == n && k->is_long && k->is_long <= 2 &&
             k->is_int <= 1 && sign <= 1)
        type = u ? MAGIC__T_ULONG : MAGIC__T_LONG;
    else if (k->is_int + sign == n && k->is_int <= 1 && sign <= 1)
        type = u ? MAGIC__T_UINT : MAGIC__T_INT;
    else if (n == 2 && k->is_long == 1 && k->is_double)
        type = MAGIC__T_LDOUBLE;
    else if (n == 1 && (k->is_float || k->is_double))
        type = k->is_float ? MAGIC__T_FLOAT : MAGIC__T_DOUBLE;
    else if (n == 1)
        type = k->is_void ? MAGIC__T_VOID : MAGIC__T_BOOL;
    else
        return magic__syntax_error(p, "bad type name");
    *ret = magic__builtin_type(type);
    return 0;
}

/* A typedef name, unless a variable hides it. */
static int parse_typedef(struct magic__parser *p, struct magic__eval_type *ret, int *found)
{
    size_t len = magic__ident_len(p);
    struct magic_error ignored;
    struct magic_error *err = p->err;
    const struct magic_var *var;
    int error;

    *found = 0;
    if (len == 0 ||
        magic_table_find_var(p->env->table, p->pos, len, &var, &ignored) != MAGIC_ENOENT)
        return 0;
    p->err = &ignored;
    error = find_type(p, MAGIC_KIND_TYPEDEF, len, &ret->base);
    p->err = err;
    if (error == MAGIC_EAMBIGUOUS)
        return magic_error_set(err, error, "%s", ignored.text);
    *found = !error || find_standard(p, len, ret);
    if (*found)
        p->pos += len;
    return 0;
}

static int parse_base_type(struct magic__parser *p, struct magic__eval_type *ret, int *found)
{
    struct keywords k = { 0 };
    unsigned n = parse_keywords(p, &k);

    *found = 1;
    if (n)
        return keyword_type(p, &k, n, ret);
    if (magic__accept(p, "struct"))
        return parse_tagged(p, MAGIC_KIND_STRUCT, ret);
    if (magic__accept(p, "union"))
        return parse_tagged(p, MAGIC_KIND_UNION, ret);
    if (magic__accept(p, "enum"))
        return parse_tagged(p, MAGIC_KIND_ENUM, ret);
    return parse_typedef(p, ret, found);
}

int magic__parse_type(struct magic__parser *p, struct magic__eval_type *ret, int *found)
{
    struct magic__eval_type type = { NULL, 0 };
    int error;

    magic__skip_space(p);
    error = parse_base_type(p, &type, found);
    if (error || !*found)
        return error;
    for (;;) {
        if (magic__accept(p, "const") || magic__accept(p, "volatile"))
            continue;
        if (!magic__accept(p, "*"))
            break;
        if (++type.stars > MAGIC__EVAL_DEPTH)
            return magic__syntax_error(p, "too many stars");
    }
    *ret = type;
    return 0;
}
