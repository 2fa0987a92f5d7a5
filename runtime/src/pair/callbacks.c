/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which callback of the new version is for what: see st/callback.h.
 */
#include <string.h>

#include "pair/pair.h"

/* The first callback of a type with one of two keys; NULL keys match nothing. */
static const struct st__callback *find(
    const struct st__pairing *p, int cb_type, const char *a, const char *b)
{
    for (size_t i = 0; i < p->n_callbacks; i++) {
        const struct st__callback *c = &p->callbacks[i];

        if (c->cb_type == cb_type &&
            ((a && strcmp(c->key, a) == 0) || (b && strcmp(c->key, b) == 0)))
            return c;
    }
    return NULL;
}

/* By tag, by the typedef that names an anonymous type, or by a typedef on the way. */
static const struct st__callback *find_named(
    const struct st__pairing *p, const struct magic_type *type)
{
    const struct st__callback *c = NULL;

    for (;; type = type->target) {
        c = find(p, ST_CB_TYPE_TYPENAME, type->name[0] ? type->name : NULL,
            type->typedef_name[0] ? type->typedef_name : NULL);
        if (c || type->kind != MAGIC_KIND_TYPEDEF)
            return c;
    }
}

const struct st__callback *st__callback_type(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_type *n)
{
    const struct st__callback *c = p->n_callbacks ? find_named(p, n) : NULL;

    return c || !p->n_callbacks ? c : find_named(p, o);
}

const struct st__callback *st__callback_var(
    const struct st__pairing *p, const struct magic_var *o, const struct magic_var *n)
{
    const struct st__callback *c = find(p, ST_CB_TYPE_SENTRY, n->name, n->key);

    if (!c)
        c = find(p, ST_CB_TYPE_SENTRY, o->name, o->key);
    return c ? c : st__callback_type(p, o->type, n->type);
}

/* "type.member" of one version. */
static bool is_member(const char *key, const struct magic_type *type, const char *member)
{
    const char *name = type->name[0] ? type->name : type->typedef_name;
    size_t len = strlen(name);

    return len && member[0] && strncmp(key, name, len) == 0 && key[len] == '.' &&
           strcmp(key + len + 1, member) == 0;
}

const struct st__callback *st__callback_member(
    const struct st__pairing *p, const struct st__plan *plan, const struct st__member *m)
{
    for (size_t i = 0; i < p->n_callbacks; i++) {
        const struct st__callback *c = &p->callbacks[i];

        if (c->cb_type == ST_CB_TYPE_SELEMENT &&
            (is_member(c->key, plan->n, m->n->name) || is_member(c->key, plan->o, m->o->name)))
            return c;
    }
    return st__callback_type(p, m->o->type, m->n->type);
}
