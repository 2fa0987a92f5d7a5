/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading rules: lines of text to attributes of entities, see rules.h and docs/rules.md.
 *
 * An entity is looked up in both versions and gets its attribute in each that has it, so that one file
 * serves an update and the way back.
 */
#include "pair/rules.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/** A piece of the text. */
struct span {
    const char *at;
    size_t len;
};

struct reader {
    const struct magic_table *tables[2];
    struct magic_arena *arena;
    struct st__rule *rules;
    size_t n, room;
    enum st__action *policies;
    unsigned line;
    struct magic_error *err;
};

static const struct {
    const char *name;
    enum st__action standard;
} policies[] = {
#define ST__POLICY_ENTRY(name, action, text) { #name, ST__##action },
    ST__POLICIES(ST__POLICY_ENTRY)
#undef ST__POLICY_ENTRY
};

static const char *const actions[] = {
    [ST__IGNORE] = "ignore",
    [ST__WARN] = "warn",
    [ST__FORBID] = "refuse",
};

static const struct {
    const char *name;
    bool has_value;
} attributes[] = {
    { "renamed_from", true },
    { "noxfer", false },
    { "ixfer", false },
    { "cixfer", false },
    { "pxfer", false },
    { "sxfer", false },
    { "union_by", true },
    { "tagged", true },
};

const char *st__policy_name(enum st__policy policy)
{
    return policies[policy].name;
}

const char *st__action_name(enum st__action action)
{
    return actions[action];
}

/* -- text --------------------------------------------------------------------------------- */

static struct span trim(struct span s)
{
    while (s.len && strchr(" \t\r", *s.at)) {
        s.at++;
        s.len--;
    }
    while (s.len && strchr(" \t\r", s.at[s.len - 1]))
        s.len--;
    return s;
}

static bool is(struct span s, const char *text)
{
    return strlen(text) == s.len && memcmp(text, s.at, s.len) == 0;
}

/* Cut `s` at the first `mark`: what is before it, and *rest after it. False if there is none. */
static bool cut(struct span s, char mark, struct span *first, struct span *rest)
{
    const char *at = memchr(s.at, mark, s.len);

    if (!at)
        return false;
    *first = trim((struct span) { s.at, (size_t) (at - s.at) });
    *rest = trim((struct span) { at + 1, s.len - (size_t) (at - s.at) - 1 });
    return true;
}

static int bad(struct reader *r, const char *why, struct span at)
{
    return magic_error_set(r->err, MAGIC_EINVAL, "line %u of the rules: %s: '%.*s'", r->line, why,
        (int) (at.len > 100 ? 100 : at.len), at.at);
}

/* -- policies ----------------------------------------------------------------------------- */

static int read_policy(struct reader *r, struct span text)
{
    struct span name, action;

    if (!cut(text, '=', &name, &action))
        return bad(r, "a policy is NAME=ignore, NAME=warn or NAME=refuse", text);
    for (size_t i = 0; i < ST__N_POLICIES; i++) {
        if (!is(name, policies[i].name))
            continue;
        for (unsigned a = 0; a < sizeof(actions) / sizeof(actions[0]); a++)
            if (is(action, actions[a])) {
                r->policies[i] = (enum st__action) a;
                return 0;
            }
        return bad(r, "a policy's action is ignore, warn or refuse", action);
    }
    return bad(r, "there is no such policy", name);
}

/* -- entities ----------------------------------------------------------------------------- */

static int add(struct reader *r, const void *entity, const char *attrs)
{
    if (r->n == r->room) {
        size_t room = r->room ? r->room * 2 : 64;
        struct st__rule *rules = magic_arena_array(r->arena, room, sizeof(*rules));

        if (!rules)
            return magic_error_set(r->err, MAGIC_ENOMEM, "no memory for the rules");
        if (r->n)
            memcpy(rules, r->rules, r->n * sizeof(*rules));
        r->rules = rules;
        r->room = room;
    }
    r->rules[r->n++] = (struct st__rule) { entity, attrs };
    return 0;
}

/* What is named by the rest of a path, below a type: itself, a member, an enumerator, or NULL. */
static const void *descend(const struct magic_type *type, struct span path)
{
    struct span name = path, rest = { "", 0 };

    if (!path.len)
        return type;
    type = magic_type_strip(type);
    if (!cut(path, '.', &name, &rest))
        rest.len = 0;
    if (type->kind == MAGIC_KIND_ENUM) {
        for (uint32_t i = 0; i < type->count; i++)
            if (is(path, type->enumerators[i].name))
                return &type->enumerators[i];
        return NULL;
    }
    if (type->kind != MAGIC_KIND_STRUCT && type->kind != MAGIC_KIND_UNION)
        return NULL;
    for (uint32_t i = 0; i < type->count; i++) {
        const struct magic_member *m = &type->members[i];

        if (is(name, m->name))
            return rest.len ? descend(m->type, rest) : m;
    }
    for (uint32_t i = 0; i < type->count; i++) {
        const void *found = type->members[i].name[0] ? NULL : descend(type->members[i].type, path);

        if (found)
            return found;
    }
    return NULL;
}

static bool is_type(const struct magic_type *type, enum magic_type_kind kind, struct span name)
{
    return type->kind == kind &&
           (is(name, type->name) || (!type->name[0] && is(name, type->typedef_name)));
}

/* Add the rule for each type of the kind and name, or for what the path leads to in it. */
static int add_types(struct reader *r, enum magic_type_kind kind, struct span entity,
    const char *attrs, size_t *found)
{
    struct span name = entity, path = { "", 0 };
    int err = 0;

    if (!cut(entity, '.', &name, &path))
        path.len = 0;
    for (unsigned side = 0; side < 2; side++) {
        const struct magic_table *t = r->tables[side];

        for (size_t i = 0; i < t->n_types && !err; i++) {
            const void *at = is_type(&t->types[i], kind, name) ? descend(&t->types[i], path) : NULL;

            if (at) {
                err = add(r, at, attrs);
                ++*found;
            }
        }
    }
    return err;
}

static int add_var(struct reader *r, struct span entity, const char *attrs, size_t *found)
{
    int err = 0;

    for (unsigned side = 0; side < 2 && !err; side++) {
        struct magic_error why;
        const struct magic_var *v;
        int code = magic_table_find_var(r->tables[side], entity.at, entity.len, &v, &why);

        if (code == MAGIC_EAMBIGUOUS)
            return bad(r, why.text, entity);
        if (code == 0) {
            err = add(r, v, attrs);
            ++*found;
        }
    }
    return err;
}

static int add_func(struct reader *r, struct span entity, const char *attrs, size_t *found)
{
    int err = 0;

    for (unsigned side = 0; side < 2 && !err; side++) {
        struct magic_error why;
        const struct magic_func *f;
        int code = magic_table_find_func(r->tables[side], entity.at, entity.len, &f, &why);

        if (code == MAGIC_EAMBIGUOUS)
            return bad(r, why.text, entity);
        if (code == 0) {
            err = add(r, f, attrs);
            ++*found;
        }
    }
    return err;
}

static int add_entity(struct reader *r, struct span entity, const char *attrs)
{
    static const struct {
        const char *word;
        enum magic_type_kind kind;
    } words[] = {
        { "struct", MAGIC_KIND_STRUCT },
        { "union", MAGIC_KIND_UNION },
        { "enum", MAGIC_KIND_ENUM },
        { "type", MAGIC_KIND_TYPEDEF },
    };
    struct span word, name;
    size_t found = 0;
    int err = -1;

    if (!cut(entity, ' ', &word, &name))
        return bad(r, "an entity is struct, union, enum, type, var or func, and a name", entity);
    if (is(word, "var"))
        err = add_var(r, name, attrs, &found);
    else if (is(word, "func"))
        err = add_func(r, name, attrs, &found);
    else
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
            if (is(word, words[i].word))
                err = add_types(r, words[i].kind, name, attrs, &found);
    if (err == -1)
        return bad(r, "an entity is struct, union, enum, type, var or func, and a name", entity);
    return err || found ? err : bad(r, "neither version has this entity", entity);
}

/* -- lines -------------------------------------------------------------------------------- */

static bool is_tag_mask(struct span value)
{
    char number[16] = "", *end;
    long mask;

    if (value.len >= sizeof(number))
        return false;
    memcpy(number, value.at, value.len);
    mask = strtol(number, &end, 0);
    return !*end && mask >= 1 && mask <= 15;
}

static int check_attribute(struct reader *r, struct span text)
{
    struct span name = text, value = { "", 0 };
    bool has_value = cut(text, '=', &name, &value);

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (!is(name, attributes[i].name))
            continue;
        if (attributes[i].has_value && !value.len)
            return bad(r, "the attribute needs a value", text);
        if (!attributes[i].has_value && has_value)
            return bad(r, "the attribute has no value", text);
        if (is(name, "tagged") && !is_tag_mask(value))
            return bad(r, "the mask of a tagged pointer is a number from 1 to 15", text);
        return 0;
    }
    return bad(r, "there is no such attribute", name);
}

/* Where the entity ends: keys have colons, but none before a space. */
static bool cut_entity(struct span line, struct span *entity, struct span *attribute)
{
    for (size_t i = 0; i + 1 < line.len; i++)
        if (line.at[i] == ':' && strchr(" \t", line.at[i + 1])) {
            *entity = trim((struct span) { line.at, i });
            *attribute = trim((struct span) { line.at + i + 1, line.len - i - 1 });
            return true;
        }
    return false;
}

static int read_line(struct reader *r, struct span line)
{
    struct span entity, attribute;
    char *kept;
    int err;

    line = trim(line);
    if (!line.len || *line.at == '#')
        return 0;
    if (line.len > 7 && memcmp(line.at, "policy", 6) == 0 && strchr(" \t", line.at[6]))
        return read_policy(r, trim((struct span) { line.at + 7, line.len - 7 }));
    if (!cut_entity(line, &entity, &attribute))
        return bad(r, "a rule is 'ENTITY: ATTRIBUTE' or 'policy NAME=ACTION'", line);
    err = check_attribute(r, attribute);
    if (err)
        return err;
    kept = magic_arena_alloc(r->arena, attribute.len + 1);
    if (!kept)
        return magic_error_set(r->err, MAGIC_ENOMEM, "no memory for the rules");
    memcpy(kept, attribute.at, attribute.len);
    return add_entity(r, entity, kept);
}

static int by_entity(const void *a, const void *b)
{
    const struct st__rule *x = a, *y = b;

    return ((uintptr_t) x->entity > (uintptr_t) y->entity) -
           ((uintptr_t) x->entity < (uintptr_t) y->entity);
}

/* SEF_POLICY on main(): what the program itself wants. */
static int read_image_policies(struct reader *r)
{
    const struct magic_func *f;
    struct magic_error ignored;
    int err = 0;

    if (magic_table_find_func(r->tables[1], "main", 4, &f, &ignored) != 0)
        return 0;
    for (const char *line = f->attrs; *line && !err;) {
        size_t len = strcspn(line, "\n");

        if (len > 7 && memcmp(line, "policy=", 7) == 0)
            err = read_policy(r, (struct span) { line + 7, len - 7 });
        line += len + (line[len] == '\n');
    }
    return err;
}

int st__rules_read(const char *text, size_t len, const struct magic_table *ot,
    const struct magic_table *nt, struct magic_arena *arena, const struct st__rules **ret,
    struct magic_error *err)
{
    struct st__rules *rules = magic_arena_alloc(arena, sizeof(*rules));
    struct reader r = { .tables = { ot, nt }, .arena = arena, .err = err };
    int code;

    if (!rules)
        return magic_error_set(err, MAGIC_ENOMEM, "no memory for the rules");
    if (len > ST__RULES_MAX)
        return magic_error_set(
            err, MAGIC_EINVAL, "the rules are longer than %u bytes", ST__RULES_MAX);
    for (size_t i = 0; i < ST__N_POLICIES; i++)
        rules->policies[i] = policies[i].standard;
    r.policies = rules->policies;
    code = read_image_policies(&r);
    while (len && !code) {
        const char *end = memchr(text, '\n', len);
        size_t n = end ? (size_t) (end - text) : len;

        r.line++;
        code = memchr(text, '\0', n) ? bad(&r, "a zero byte", (struct span) { "", 0 })
                                     : read_line(&r, (struct span) { text, n });
        len -= n + (end != NULL);
        text += n + (end != NULL);
    }
    if (code)
        return code;
    if (r.n)
        qsort(r.rules, r.n, sizeof(*r.rules), by_entity);
    rules->rules = r.rules;
    rules->n = r.n;
    *ret = rules;
    return 0;
}
