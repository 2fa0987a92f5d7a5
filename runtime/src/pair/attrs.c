/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What users asked for an entity: attributes in the source, rules of the update, name prefixes.
 *
 * The three say the same things in three places. A rule goes before the source, the source before a
 * prefix; of two versions that differ the new one is asked first (plan.c).
 */
#include <stdlib.h>
#include <string.h>

#include "pair/pair.h"

/* The value of attribute `name` in a list of one a line. */
static bool find_in(const char *attrs, const char *name, struct st__text *ret)
{
    size_t len = *attrs ? strlen(name) : 0;

    for (const char *line = attrs; *line;) {
        size_t line_len = strcspn(line, "\n");

        if (line_len >= len && memcmp(line, name, len) == 0) {
            if (line_len == len) {
                *ret = (struct st__text) { "", 0 };
                return true;
            }
            if (line[len] == '=') {
                *ret = (struct st__text) { line + len + 1, line_len - len - 1 };
                return true;
            }
        }
        line += line_len + (line[line_len] == '\n');
    }
    return false;
}

/* The first rule of an entity, or the end. */
static size_t first_rule(const struct st__rules *rules, const void *entity)
{
    size_t lo = 0, hi = rules->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if ((uintptr_t) rules->rules[mid].entity < (uintptr_t) entity)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool st__attr(const struct st__pairing *p, const void *entity, const char *attrs, const char *name,
    struct st__text *ret)
{
    const struct st__rules *rules = p->rules && p->rules->n ? p->rules : NULL;

    for (size_t i = rules ? first_rule(rules, entity) : 0;
        rules && i < rules->n && rules->rules[i].entity == entity; i++)
        if (find_in(rules->rules[i].attrs, name, ret))
            return true;
    return find_in(attrs, name, ret);
}

static bool says(struct st__text text, const char *name)
{
    return name && strlen(name) == text.len && memcmp(name, text.at, text.len) == 0;
}

bool st__renamed(const struct st__pairing *p, const struct st__named *o, const struct st__named *n)
{
    struct st__text from;

    if (st__attr(p, n->entity, n->attrs, "renamed_from", &from) &&
        (says(from, o->name) || says(from, o->key)))
        return true;
    /* The way back, from the renamed to the version before. */
    return st__attr(p, o->entity, o->attrs, "renamed_from", &from) &&
           (says(from, n->name) || says(from, n->key));
}

/* -- how ---------------------------------------------------------------------------------- */

static const struct {
    const char *name, *prefix;
    enum st__how how;
} ways[] = {
    { "noxfer", "noxfer_", ST__NOXFER },
    { "ixfer", "ixfer_", ST__IXFER },
    { "cixfer", "cixfer_", ST__CIXFER },
    { "pxfer", "pxfer_", ST__PXFER },
    { "sxfer", "sxfer_", ST__SXFER },
};

static enum st__how how_of(
    const struct st__pairing *p, const void *entity, const char *attrs, const char *name)
{
    struct st__text value;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (st__attr(p, entity, attrs, ways[i].name, &value))
            return ways[i].how;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strncmp(name, ways[i].prefix, strlen(ways[i].prefix)) == 0)
            return ways[i].how;
    return ST__TYPED;
}

enum st__how st__how_type(const struct st__pairing *p, const struct magic_type *type)
{
    for (;; type = type->target) {
        enum st__how how = how_of(p, type, type->attrs, type->name);

        if (how != ST__TYPED || type->kind != MAGIC_KIND_TYPEDEF)
            return how;
    }
}

enum st__how st__how_member(const struct st__pairing *p, const struct magic_member *m)
{
    enum st__how how = how_of(p, m, m->attrs, m->name);

    return how != ST__TYPED ? how : st__how_type(p, m->type);
}

enum st__how st__how_var(const struct st__pairing *p, const struct magic_var *v)
{
    enum st__how how = how_of(p, v, v->attrs, v->name);

    return how != ST__TYPED ? how : st__how_type(p, v->type);
}

static bool has_wish(const char *attrs, const char *name)
{
    if (*attrs)
        return true;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        if (strncmp(name, ways[i].prefix, strlen(ways[i].prefix)) == 0)
            return true;
    return false;
}

bool st__is_steered(const struct st__rules *rules, const struct magic_table *table)
{
    for (size_t i = 0; i < table->n_vars; i++)
        if (has_wish(table->vars[i].attrs, table->vars[i].name))
            return true;
    for (size_t i = 0; i < table->n_types; i++) {
        const struct magic_type *type = &table->types[i];

        if (has_wish(type->attrs, type->name))
            return true;
        for (uint32_t j = 0; type->members && j < type->count; j++)
            if (has_wish(type->members[j].attrs, type->members[j].name))
                return true;
    }
    return rules && rules->n;
}

uint64_t st__tag_mask(const struct st__pairing *p, const void *entity, const char *attrs)
{
    struct st__text value;
    char number[32] = "";

    if (!st__attr(p, entity, attrs, "tagged", &value) || value.len >= sizeof(number))
        return 0;
    memcpy(number, value.at, value.len);
    return strtoull(number, NULL, 0) & 15; /* more would lead out of the scan's granule */
}
