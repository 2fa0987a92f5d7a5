/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The rule to write for a union: which member of the structure may be its tag, and which of the tag's
 * values may stand for which member. A draft, which whoever knows the program checks.
 */
#include <ctype.h>
#include <string.h>

#include "pair/diff_internal.h"

/* -- the tag ------------------------------------------------------------------------------ */

static bool is_tag_name(const char *name)
{
    static const char *const names[] = { "tag", "kind", "type", "which", "what", "sel" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strstr(name, names[i]))
            return true;
    return false;
}

/* An enum rather than a number, and one with such a name rather than any. */
static const struct st__member *find_tag(const struct st__plan *plan)
{
    const struct st__member *best = NULL;
    int best_score = 0;

    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];
        const struct magic_type *type = magic_type_strip(m->o->type);
        int score = type->kind == MAGIC_KIND_ENUM ? 2 : type->kind == MAGIC_KIND_INTEGER ? 1 : 0;

        if (!m->n || !m->n->name[0] || !score)
            continue;
        score += 2 * is_tag_name(m->n->name);
        if (score > best_score) {
            best = m;
            best_score = score;
        }
    }
    return best_score > 1 ? best : NULL;
}

/* -- its values --------------------------------------------------------------------------- */

/* True if `name` has `part` in it, whatever the case; "VALUE_INT" and "int", "I" and "i". */
static bool has_part(const char *name, const char *part)
{
    size_t n = strlen(name), m = strlen(part);

    for (size_t i = 0; m && i + m <= n; i++) {
        size_t j = 0;

        while (j < m && tolower((unsigned char) name[i + j]) == tolower((unsigned char) part[j]))
            j++;
        if (j == m && (m > 2 || ((i == 0 || name[i - 1] == '_') &&
                                    (name[i + m] == '\0' || name[i + m] == '_'))))
            return true;
    }
    return false;
}

/* The member that an enumerator names, or the one in its place if nothing can be told by name. */
static const struct magic_member *member_for(
    const struct magic_type *tag, uint32_t i, const struct magic_type *u, bool by_place)
{
    for (uint32_t j = 0; j < u->count; j++)
        if (u->members[j].name[0] && (has_part(tag->enumerators[i].name, u->members[j].name) ||
                                         has_part(u->members[j].name, tag->enumerators[i].name)))
            return &u->members[j];
    return by_place && i < u->count && u->members[i].name[0] ? &u->members[i] : NULL;
}

static const char *draft_cases(
    struct st__differ *w, const struct magic_type *tag, const struct magic_type *u)
{
    const char *cases = "";
    bool by_place = true;

    for (uint32_t i = 0; i < tag->count; i++)
        by_place = by_place && !member_for(tag, i, u, false);
    for (uint32_t i = 0; i < tag->count && strlen(cases) < 400; i++) {
        const struct magic_member *m = member_for(tag, i, u, by_place);

        if (m)
            cases = st__diff_text(
                w, "%s%s%.60s=%.60s", cases, *cases ? ", " : "", tag->enumerators[i].name, m->name);
    }
    return cases;
}

static const char *numbered_cases(struct st__differ *w, const struct magic_type *u)
{
    const char *cases = "";

    for (uint32_t i = 0; i < u->count && strlen(cases) < 400; i++)
        if (u->members[i].name[0])
            cases =
                st__diff_text(w, "%s%s%u=%.60s", cases, *cases ? ", " : "", i, u->members[i].name);
    return cases;
}

void st__diff_advise_union(struct st__differ *w, const struct st__plan *plan,
    const struct st__member *m, const char *rule, struct st__change *c)
{
    const struct st__member *tag = plan->o->kind == MAGIC_KIND_STRUCT ? find_tag(plan) : NULL;
    const struct magic_type *type = tag ? magic_type_strip(tag->n->type) : NULL;
    const struct magic_type *u = magic_type_strip(m->n->type);
    const char *cases;

    if (!tag)
        return;
    cases = type->kind == MAGIC_KIND_ENUM ? draft_cases(w, type, u) : numbered_cases(w, u);
    if (!*cases)
        return;
    /* The draft goes first: it is the only one that converts the value. */
    memmove(&c->advice[1], &c->advice[0], (ST__ADVICE_MAX - 1) * sizeof(c->advice[0]));
    c->advice[0] = (struct st__advice) {
        st__diff_text(w, "%.300s: union_by=%.100s: %s", rule, tag->n->name, cases),
        st__diff_text(
            w, "a draft: check which member each value of %.100s stands for", tag->n->name),
    };
    if (c->n_advice < ST__ADVICE_MAX)
        c->n_advice++;
}
