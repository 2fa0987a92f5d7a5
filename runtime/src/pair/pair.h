/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two versions of a program side by side: what continues what, and what it takes.
 *
 * A pairing compares two state tables and nothing else: it never looks at live state. The transfer
 * works from it (st/transfer.h), and sefdump --diff and the supervisor's preflight tell from it what
 * an update will do (pair/diff.h). What users say about an update, as attributes in the source or as
 * rules, is looked up here. One thread at a time; all memory is the arena's.
 */
#ifndef ST_PAIR_H
#define ST_PAIR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <magic/arena.h>
#include <magic/table.h>
#include <st/callback.h>
#include <st/st.h>

#include "pair/rules.h"

/** How a value of one type becomes a value of another. */
enum st__class {
    ST__COPY,    /**< same representation: copy the bytes */
    ST__CONVERT, /**< convert member by member, element by element, or by value */
    ST__BYTES,   /**< copy as many bytes as both have, whatever they are */
    ST__CALL,    /**< a callback of the new version makes the new value */
    ST__SKIP,    /**< the new version's initial value stays */
    ST__REFUSE,  /**< no rule: an error as soon as a live value that is not zero is met */
};

/** What the user asked for, by attribute, rule or name prefix. */
enum st__how {
    ST__TYPED, /**< nothing: by type */
    ST__NOXFER,
    ST__IXFER,
    ST__CIXFER,
    ST__PXFER,
    ST__SXFER,
    ST__CHOSEN, /**< a union whose enclosing structure says which member is in use */
};

struct st__plan;

/** A callback of the new version for values of a type, a variable or a member. */
struct st__callback {
    st_cb_selement_transfer_t cb;
    int cb_type;
    const char *key;
    void *ctx;
};

/** One value of a union's tag and the member that is in use then. */
struct st__case {
    bool any; /**< all values that no other case names */
    int64_t value;
    const struct st__member *member; /**< of the union's plan */
};

/** Which member of a union is in use, by a member of the structure that contains it. */
struct st__choice {
    const struct magic_member *tag; /**< of the old structure */
    const struct st__case *cases;
    size_t n;
};

/** One member of a struct or union plan. */
struct st__member {
    const struct magic_member *o, *n; /**< n NULL: removed */
    const struct st__plan *plan;      /**< NULL if removed */
    const struct st__choice *choice;  /**< NULL but for unions with a rule */
};

/** Adjacent members that are copied as one. Offsets and length in bytes. */
struct st__run {
    uint32_t o, n, len;
};

/** The array at the end of a structure that goes on as far as its object does. */
struct st__tail {
    const struct st__plan *elem;
    uint64_t o, n; /**< offsets in bytes */
};

/** A pair of types (typedefs stripped) and how to get from one to the other. Never changes. */
struct st__plan {
    const struct magic_type *o, *n;
    enum st__how how;
    const struct st__callback *callback; /**< ST__CALL: whom */
    const struct st__plan *inner;        /**< ST__CALL: what would be done without it */
    enum st__class cls;
    bool moves;                  /**< something inside changes its offset, or the size changes */
    bool refuses;                /**< it, or something inside, is ST__REFUSE */
    bool has_uthash;             /**< structs: a handle of a uthash table moves */
    const char *why;             /**< ST__REFUSE: the reason, and what to do */
    const struct st__plan *elem; /**< arrays */
    const struct st__member *members; /**< structs, unions: one for each old member */
    size_t n_members;
    const struct st__run *runs; /**< structs: what is copied as it is */
    size_t n_runs;
    const struct st__tail *tail; /**< structs with a flexible array, if it can be converted */
};

/** Variables that cannot be told apart: one that could be continued by either of two (`one` is old),
 * or that could continue either (`one` is new). */
struct st__clash {
    const struct magic_var *one, *a, *b;
    bool is_new; /**< `one` is of the new version */
    const struct st__clash *next;
};

struct st__pairing {
    const struct magic_table *ot, *nt;
    struct magic_arena *arena;
    const struct st__callback *callbacks; /**< of the new version; none in tools */
    size_t n_callbacks;
    const struct st__rules *rules;         /**< may be NULL */
    struct st_error *error;                /**< may be NULL */
    bool goes_on;                          /**< clashes are kept, and no errors */
    const struct st__clash *clashes;       /**< if so, those found */
    const struct magic_var **var_pair;     /**< by old variable id; NULL: removed */
    const struct magic_var **var_from;     /**< by new variable id; NULL: it is new */
    const struct magic_func **func_pair;   /**< by old function id; NULL: removed */
    const struct magic_type **type_pair;   /**< by old type id; NULL: not looked for yet */
    bool *type_looked;                     /**< by old type id */
    const struct magic_type **new_by_name; /**< new types sorted by name */
    bool steered;                          /**< some entity of the new version has a wish */
    bool types_renamed;                    /**< some type is said to be another one renamed */
    bool members_renamed;                  /**< some member is */
    struct st__plan **plans;               /**< open hash of (old id, new id, how, callback) */
    size_t n_plans, plan_slots;
    const char *file_asked; /**< the source file last looked for in the new version, or NULL */
    bool file_found;
};

/* -- pair.c, pair_types.c ----------------------------------------------------------------- */

/** Pair variables and functions. Tables, arena, rules and error are set, all else is zero.
 * Errors: MAGIC_EAMBIGUOUS, MAGIC_ENOMEM; described in `error`. */
int st__pair(struct st__pairing *p);
/** Part of st__pair(): ready to pair types. */
int st__pair_index_types(struct st__pairing *p);
/** The new type that continues an old one by name, or NULL. `hint` decides among several, and
 * stands in for types without a name; it may be NULL. */
const struct magic_type *st__pair_type(
    struct st__pairing *p, const struct magic_type *o, const struct magic_type *hint);
/** The new site that continues an old one, or NULL. */
const struct magic_site *st__pair_site(struct st__pairing *p, const struct magic_site *o);

/* -- attrs.c ------------------------------------------------------------------------------ */

/** The attribute `name` of an entity of one of the tables, from its record or a rule. `attrs` is
 * that of the entity's record. Returns true with its value ("" if it has none) in *ret, which is
 * not terminated. */
struct st__text {
    const char *at;
    size_t len;
};
bool st__attr(const struct st__pairing *p, const void *entity, const char *attrs, const char *name,
    struct st__text *ret);
/** True if an entity of the new version with this attribute string and name continues the old one:
 * one of both says so by renamed_from. `o_key` and `n_key` may be NULL. */
struct st__named {
    const void *entity;
    const char *attrs, *name, *key;
};
bool st__renamed(const struct st__pairing *p, const struct st__named *o, const struct st__named *n);
/** What the user asked for a type, looking through typedefs; or for a member or variable, which
 * goes before its type. */
enum st__how st__how_type(const struct st__pairing *p, const struct magic_type *type);
enum st__how st__how_member(const struct st__pairing *p, const struct magic_member *m);
enum st__how st__how_var(const struct st__pairing *p, const struct magic_var *v);
/** True if anything in the table, or a rule, asks for anything. */
bool st__is_steered(const struct st__rules *rules, const struct magic_table *table);
/** The mask of a tagged pointer; 0 if it is none. */
uint64_t st__tag_mask(const struct st__pairing *p, const void *entity, const char *attrs);

/* -- callbacks.c -------------------------------------------------------------------------- */

/** The callback for values of a type, a variable, and a member of structure `plan`: NULL if there is
 * none. */
const struct st__callback *st__callback_type(
    const struct st__pairing *p, const struct magic_type *o, const struct magic_type *n);
const struct st__callback *st__callback_var(
    const struct st__pairing *p, const struct magic_var *o, const struct magic_var *n);
const struct st__callback *st__callback_member(
    const struct st__pairing *p, const struct st__plan *plan, const struct st__member *m);

/* -- plan.c, plan_struct.c, plan_union.c, plan_offset.c ------------------------------------ */

/** The plan for a pair of types; NULL when memory is out. */
const struct st__plan *st__plan(
    struct st__pairing *p, const struct magic_type *o, const struct magic_type *n);
/** Likewise, as asked for by the entity that has the types; `callback` may be NULL. */
const struct st__plan *st__plan_as(struct st__pairing *p, const struct magic_type *o,
    const struct magic_type *n, enum st__how how, const struct st__callback *callback);
/** The plan for a pair of variables. */
const struct st__plan *st__plan_var(
    struct st__pairing *p, const struct magic_var *o, const struct magic_var *n);
/** The new enumerator that continues an old one, or NULL. */
const struct magic_enumerator *st__pair_enumerator(
    const struct st__pairing *p, const struct magic_enumerator *o, const struct magic_type *n);
/** A floating-point type that can be copied but not computed with. */
bool st__is_odd_float(const struct magic_type *type);
/** Inside plan.c and its sisters: fill in the plan of two structures, or of two unions. */
int st__plan_struct(struct st__pairing *p, struct st__plan *plan);
int st__plan_union(struct st__pairing *p, struct st__plan *plan);
/** Pair the members; *same if nothing but unchanged members was found. */
int st__plan_members(struct st__pairing *p, struct st__plan *plan, bool *same);
/** The rule that says which member of union `m` of `plan` is in use, if there is one. */
int st__plan_choice(struct st__pairing *p, struct st__plan *plan, struct st__member *m);
/** Whether a member is an element's handle in a table of uthash.h. */
bool st__is_uthash(const struct magic_member *m);

/** Make a plan one that refuses, with text from the arena. Returns 0 or MAGIC_ENOMEM. */
int st__plan_refuse(struct st__pairing *p, struct st__plan *plan, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** True if what starts at offset 0 of the old value, however deep inside, becomes a `want`. */
bool st__plan_begins_with(const struct st__plan *plan, const struct magic_type *want);
/** Where byte `off` of an old value lies in the new one. `want` is the new type, stripped, that the
 * pointer points to (NULL: unknown): it tells a struct from its first member.
 * Errors: MAGIC_EUNPAIRED the byte belongs to something removed. */
int st__plan_offset(
    const struct st__plan *plan, uint64_t off, const struct magic_type *want, uint64_t *ret);

/* -- message.c ---------------------------------------------------------------------------- */

/** Where in a value something is, for messages: a chain of frames on the stack. */
struct st__path {
    const struct st__path *up;
    const char *member; /**< member name, or NULL for an array element */
    uint64_t index;
};

/** What a message is about: a variable, or a heap object by type and site, or an address. */
struct st__subject {
    const struct magic_var *var;
    const struct magic_type *type;
    const struct magic_site *site;
    uintptr_t old_addr, new_addr;
};

/** Fill in an error, which is not NULL: entity, place, path, text. Returns `code`. */
int st__error_set(struct st_error *e, int code, const struct st__subject *subject,
    const struct st__path *path, const struct magic_type *type, const char *format, va_list args)
    __attribute__((format(printf, 6, 0)));

#endif
