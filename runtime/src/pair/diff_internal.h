/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the files of the comparison share.
 */
#ifndef ST_DIFF_INTERNAL_H
#define ST_DIFF_INTERNAL_H

#include "pair/diff.h"

/** A type that was met on the way down from variables and sites. */
struct st__met {
    const struct st__plan *plan;
    const char *o_name,
        *n_name;            /**< as in rules: "struct conn", "struct value.u"; "" if no rule can
                                      name it */
    size_t root;            /**< number of the root that came here last */
    size_t n_vars, n_sites; /**< that have it by value */
    const struct magic_var *vars[2];
    const struct magic_site *site;
    enum st__verdict verdict; /**< greatest of its changes */
};

struct st__differ {
    struct st__pairing *p;
    const struct magic_view *ov, *nv;
    struct st__change *changes;
    size_t n, room;
    struct st__met *met; /**< in the order they were met */
    size_t n_met, met_room;
    uint32_t *met_hash; /**< number + 1 in `met`, by (old id, new id) */
    size_t hash_slots;
    size_t root, steps;             /**< of the walk */
    uint64_t guesses;               /**< made by diff_rename.c */
    const struct magic_type **next; /**< by old type id: what it became; NULL: gone */
    const struct magic_type **from; /**< by new type id: what it was; NULL: new */
    size_t *n_typed;                /**< by old type id: sites that allocate it */
    bool *clashed;                  /**< by old variable id */
    size_t *unchanged;              /**< by enum st__what */
    bool failed;                    /**< memory is out */
};

/* -- diff.c ------------------------------------------------------------------------------- */

/** Add a copy of a change. */
void st__diff_add(struct st__differ *w, const struct st__change *c);
/** Text from the arena; "" when memory is out. */
const char *st__diff_text(struct st__differ *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Advise a rule, unless there are ST__ADVICE_MAX already. */
void st__diff_advise(struct st__change *c, const char *rule, const char *effect);
/** "is refused", "is dropped with a warning" ...: what the policy does where it applies. */
const char *st__diff_action(const struct st__differ *w, enum st__policy policy);

/* -- diff_value.c ------------------------------------------------------------------------- */

enum st__said {
    ST__NOTHING, /**< it did not change */
    ST__NESTED,  /**< only what it consists of did, which is told at that type */
    ST__SAID,
};

/** What becomes of a value: fills in verdict, event, live, text and advice. `o` and `n` are the
 * members that hold it, or NULL; `rule` is the name under which rules know it, or "". */
enum st__said st__diff_value(struct st__differ *w, const struct st__plan *plan,
    const struct magic_member *o, const struct magic_member *n, const char *rule,
    struct st__change *c);
/** The plan of what an array, of any number of dimensions, consists of. */
const struct st__plan *st__diff_element(const struct st__plan *plan);

/* -- diff_union.c ------------------------------------------------------------------------- */

/** Advise how a union, member `m` of `plan`, can be converted. `rule` names the member. */
void st__diff_advise_union(struct st__differ *w, const struct st__plan *plan,
    const struct st__member *m, const char *rule, struct st__change *c);

/* -- diff_rename.c ------------------------------------------------------------------------ */

/** The new member, which no old one became, that most probably continues a removed one; or NULL. */
const struct magic_member *st__diff_heir(
    struct st__differ *w, const struct st__plan *plan, const struct magic_member *o);
/** Likewise for an enumerator, a variable, a function, a type. */
const struct magic_enumerator *st__diff_heir_enumerator(
    struct st__differ *w, const struct st__plan *plan, const struct magic_enumerator *o);
const struct magic_var *st__diff_heir_var(struct st__differ *w, const struct magic_var *o);
const struct magic_func *st__diff_heir_func(
    struct st__differ *w, const struct magic_func *o, const bool *continued);
const struct magic_type *st__diff_heir_type(struct st__differ *w, const struct magic_type *o);

/* -- diff_vars.c, diff_types.c, diff_members.c, diff_sites.c ------------------------------- */

void st__diff_vars(struct st__differ *w);
void st__diff_funcs(struct st__differ *w);
/** Meet all types, and find out which one became which. Sites first: they know best. */
void st__diff_meet(struct st__differ *w);
/** The name of a type in rules: "struct conn"; "" if it has none. */
const char *st__diff_type_name(struct st__differ *w, const struct magic_type *type);
void st__diff_types(struct st__differ *w);
/** The members, or enumerators, of one type. */
void st__diff_members(struct st__differ *w, const struct st__met *met);
/** True if something about the type is worth showing. */
bool st__diff_is_changed(const struct st__plan *plan);
void st__diff_sites(struct st__differ *w);

#endif
