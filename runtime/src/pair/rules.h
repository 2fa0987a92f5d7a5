/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Rules and policies: what a user says about one update, outside the source.
 *
 * A rule gives an entity of either version an attribute, as the macros of sef/attributes.h do in the
 * source; a policy says what becomes of what cannot be taken over as it is. docs/rules.md has the
 * language. The text is untrusted: it comes with the request for an update.
 */
#ifndef ST_RULES_H
#define ST_RULES_H

#include <stddef.h>
#include <stdint.h>

#include <magic/arena.h>
#include <magic/table.h>

enum st__action { ST__IGNORE, ST__WARN, ST__FORBID };

/* X(name, default, what it is about). The order is that of messages and documentation. */
#define ST__POLICIES(X)                                                                          \
    X(removed, WARN, "a variable or member is gone and held something")                          \
    X(lost, FORBID, "a number does not fit its new type: converted as C does if allowed")        \
    X(cut, FORBID, "an array became shorter and an element that is cut off is in use")           \
    X(enumerator, FORBID, "the name of an enum's value is gone: the number stays if allowed")    \
    X(union, FORBID, "a union changed and no rule tells its member: copied as bytes if allowed") \
    X(type, WARN, "the type of a live heap object is gone: the object stays as it is")           \
    X(dangling, FORBID, "a pointer leads to something removed: set to NULL if allowed")          \
    X(opaque, IGNORE, "a word that is not declared as a pointer was taken for one")              \
    X(unknown, FORBID,                                                                           \
        "a pointer to a changed structure leads to memory of unknown type, something says that " \
        "a type guessed by late typing is wrong, or memory of unknown type has an address that " \
        "may be a structure's or that of its former first member")                               \
    X(pool, FORBID, "an object does not fit its place in a pool: moved to the heap if allowed")

enum st__policy {
#define ST__POLICY_ENUM(name, action, text) ST__POLICY_##name,
    ST__POLICIES(ST__POLICY_ENUM)
#undef ST__POLICY_ENUM
        ST__N_POLICIES
};

/** Attributes that a rule gives an entity of one of the tables. */
struct st__rule {
    const void *entity; /**< magic_type, _member, _enumerator, _var or _func */
    const char *attrs;  /**< one attribute, no newline */
};

struct st__rules {
    const struct st__rule *rules; /**< sorted by entity */
    size_t n;
    enum st__action policies[ST__N_POLICIES];
};

#define ST__RULES_MAX 65536 /**< bytes of text */

/** The name of a policy, and of an action ("ignore", "warn", "refuse"). */
const char *st__policy_name(enum st__policy policy);
const char *st__action_name(enum st__action action);

/** Read rules for an update from `ot` to `nt`.
 *
 * Shape: `text` of `len` bytes, not kept; the result lives in `arena`. No text gives no rules and the
 *   policies of the new version's main(), or the defaults.
 * Errors: MAGIC_EINVAL with line number and reason: syntax, an entity that neither version has, an
 *   unknown attribute or policy, text too long; MAGIC_ENOMEM. */
__attribute__((warn_unused_result)) int st__rules_read(const char *text, size_t len,
    const struct magic_table *ot, const struct magic_table *nt, struct magic_arena *arena,
    const struct st__rules **ret, struct magic_error *err);

#endif
