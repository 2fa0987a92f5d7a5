/* SPDX-License-Identifier: BSD-2-Clause
 *
 * State transfer: making a new generation continue with the old one's state.
 *
 * Source: st/state_transfer.h of libmagicrt; differs: old and new state lie in one address space
 * (the new instance is a fork of the old), nothing is copied that did not change.
 */
#ifndef ST_ST_H
#define ST_ST_H

#include <stddef.h>
#include <stdint.h>

#include <magic/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where a transfer failed. Caller-owned. Strings are "" where they do not apply. */
struct st_error {
    int code; /**< MAGIC_* */
    int os_errno;
    char entity[128]; /**< variable key, function key, or "heap object of <site>" */
    char member[128]; /**< path below it: ".next", "[3].fn" */
    char type[96];    /**< C spelling of the type in question */
    uint64_t old_addr, new_addr;
    char file[128]; /**< source place of the entity */
    uint32_t line;
    char text[704]; /**< the whole as one line */
};

enum { ST_POLICIES_MAX = 16 }; /**< room for policies */

/** What a transfer did; all counts and times of one transfer. */
struct st_stats {
    uint64_t vars_paired, vars_added, vars_removed, vars_converted;
    uint64_t types_changed;
    uint64_t objects, objects_moved;          /**< typed heap objects seen / rebuilt */
    uint64_t objects_in_place;                /**< converted where they are */
    uint64_t bytes_moved;                     /**< of rebuilt objects, in their new size */
    uint64_t ptrs_precise, ptrs_conservative; /**< pointers forwarded */
    uint64_t bytes_scanned;
    uint64_t warnings;                 /**< values dropped under a warn policy */
    uint64_t decided[ST_POLICIES_MAX]; /**< by policy; also what it ignored */
    uint64_t ns_pair, ns_move, ns_convert, ns_scan, ns_reinstall, ns_seal;
    uint64_t ns_verify;        /**< 0 without ST_VERIFY, as the counts are that follow */
    uint64_t values_checked;   /**< variables, structures of heap objects */
    uint64_t values_unchecked; /**< parts of them that cannot be checked */
    uint64_t differences;      /**< parts of them that do not come back as they were */
};

/** Numbers of the last transfer in this process (all zero before). */
const struct st_stats *st_last_stats(void);
/** Error of the last transfer in this process (code 0 if none). */
const struct st_error *st_last_error(void);
/** The warning or difference logged last, for a log hook that wants its parts (text "" if there was none);
 * the line is "warning: TEXT" or "difference: TEXT". */
const struct st_error *st_last_warning(void);

/** A policy of the last transfer. */
struct st_policy {
    const char *name, *action; /**< as in rules: "removed", "warn"; constant */
    uint64_t count;            /**< what it decided about */
};

/** The policies of the last transfer in this process. Returns how many, at most ST_POLICIES_MAX: 0
 * before one, and if its rules could not be read. */
size_t st_last_policies(const struct st_policy **ret);

/** Rules and policies for the transfers that follow, in the language of docs/rules.md. `text`, of `len`
 * bytes, is not copied: it must stay until then. NULL and 0: none. Errors in it are the transfer's. */
void st_set_rules(const char *text, size_t len);

/** Check by transferring back into a scratch copy. What comes back otherwise is logged, the first of each
 * place, and refuses the transfer: MAGIC_EBADMSTATE. */
#define ST_VERIFY 0x1u

/** Flags for the transfers that follow: ST_*. 0: none. */
void st_set_flags(unsigned flags);

/** Free up to `max` old copies of heap objects that transfers rebuilt. To be called now and then after the
 * commit, at quiescent points. Returns how many are left. Threads: main thread. */
size_t st_reclaim(size_t max);

/** Transfer state from the current generation to the loaded one, then seal the old image.
 *
 * `info` is libsef's sef_init_info_t (opaque here; flags are taken from it by libsef).
 * Errors: MAGIC_EUNPAIRED, MAGIC_ELOST, MAGIC_ENOTSUP, MAGIC_EAMBIGUOUS, MAGIC_ENOMEM, ...;
 *   st_last_error() tells all. After an error the process must not go on: the child is killed.
 * Threads: main thread; no other may run. Source: _magic_state_transfer(). */
__attribute__((warn_unused_result)) int _magic_state_transfer(void *info);

/** Save (is_save != 0) or restore references to this process's own initial stack: argument and
 * environment vectors. `buf`: 1024 bytes. Source: st_stack_refs_save_restore(). */
void st_stack_refs_save_restore(char *buf, int is_save);
#define ST_STACK_REFS_BUFF_SIZE 1024

#ifdef __cplusplus
}
#endif
#endif
