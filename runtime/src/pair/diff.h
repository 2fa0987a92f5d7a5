/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed between two versions of a program, and what an update from one to the other will do.
 *
 * Everything is told from the two state tables and the rules, nothing from live state: what depends on
 * live values is said to. Where a user has to decide, the change carries the lines to write into a
 * rules file. sefdump shows the result, sefd refuses by it what cannot work. One thread at a time; all
 * memory is the arena's, and texts are the arena's or the tables'.
 */
#ifndef ST_DIFF_H
#define ST_DIFF_H

#include "pair/pair.h"

/** What a change takes. The greatest one of all changes is that of the update. */
enum st__verdict {
    ST__UNCHANGED,  /**< nothing */
    ST__AUTOMATIC,  /**< converted, or dropped as the policies say */
    ST__DECISION,   /**< two ways are possible: a rule says which */
    ST__IMPOSSIBLE, /**< there is no conversion; a callback, or giving the value up */
};

/** What changed. */
enum st__what {
    ST__VARIABLE,
    ST__FUNCTION,
    ST__TYPE,   /**< structure, union or enum as a whole */
    ST__MEMBER, /**< of a structure or union, or an enumerator */
    ST__SITE,   /**< allocation site */
    ST__N_WHAT,
};

enum st__event {
    ST__ADDED,
    ST__REMOVED,
    ST__RENAMED,
    ST__MOVED,     /**< to another file; members: to another offset */
    ST__CHANGED,   /**< its type, size or value */
    ST__AMBIGUOUS, /**< several could be its successor */
    ST__OPAQUE,    /**< allocation site: what it allocates is not known */
};

/** A line for a rules file. */
struct st__advice {
    const char *rule;   /**< ready to paste */
    const char *effect; /**< what it says */
};

enum { ST__ADVICE_MAX = 4 };

/** Where an entity stands in the source; file is "" if unknown. */
struct st__place {
    const char *file;
    uint32_t line;
};

struct st__change {
    enum st__verdict verdict;
    enum st__what what;
    enum st__event event;
    bool live;          /**< refused by the transfer if a live value does not fit */
    bool fails;         /**< the transfer fails whatever the live values are */
    bool held;          /**< it is a variable, or part of one: the transfer will meet it */
    const char *entity; /**< as in rules: "struct conn.fd" */
    struct st__place o, n;
    const char *text; /**< what changed, and what is done */
    struct st__advice advice[ST__ADVICE_MAX];
    unsigned n_advice;
    const char *otherwise; /**< with advice: what happens without; or "" */
    const char *type;      /**< name of the type that it is part of, as of st__type_diff; or "" */
};

/** A structure, union or enum that changed; for showing both layouts. */
struct st__type_diff {
    const char *name; /**< "struct conn"; that of the new version */
    const struct st__plan *plan;
    enum st__verdict verdict; /**< greatest of its changes */
    const char *holders;      /**< who has it: "conns, 2 allocation sites"; or "" */
};

struct st__diff {
    enum st__verdict verdict;
    const struct st__change *changes; /**< decisions first, then what is impossible */
    size_t n_changes;
    size_t count[ST__IMPOSSIBLE + 1]; /**< changes by verdict; [0]: entities without any */
    size_t live;                      /**< changes that depend on live values */
    size_t unchanged[ST__N_WHAT];     /**< entities without a change; members are not counted */
    const struct st__type_diff *types;
    size_t n_types;
};

/** Compare two versions.
 *
 * Shape: `p` as st__pair() wants it, not paired yet; `ov` and `nv` are what the tables were read from,
 *   for the values of constants, and may be NULL. Variables that could be continued by several are
 *   no error here but changes.
 * Errors: MAGIC_ENOMEM. */
__attribute__((warn_unused_result)) int st__diff(struct st__pairing *p, const struct magic_view *ov,
    const struct magic_view *nv, const struct st__diff **ret);

/** Names for all outputs: "decision", "variable", "removed". */
const char *st__verdict_name(enum st__verdict verdict);
const char *st__what_name(enum st__what what);
const char *st__event_name(enum st__event event);

#endif
