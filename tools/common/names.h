/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names that users write and both tools must read alike: labels, quiescence states, durations, and
 * the phases and counts of an update.
 */
#ifndef SEF_TOOLS_NAMES_H
#define SEF_TOOLS_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LABEL_MAX = 64,               /**< bytes of a label without the zero */
    TIMEOUT_MAX_MS = 3600 * 1000, /**< longest time limit a user may give */
};

/** True for 1 to LABEL_MAX of [A-Za-z0-9_.-]; "." and ".." are no labels, since labels name
 * directories. */
bool label_is_valid(const char *label);

/** Read a quiescence state: a name as state_name() gives it, or a number from 1 up.
 * Returns 0 or -EINVAL. */
__attribute__((warn_unused_result)) int state_parse(const char *text, int *ret);

/** The name of a SEF_LU_STATE_*, or NULL for custom and unknown ones. */
const char *state_name(int state);

/** Read a duration: a decimal number with unit ms, s (also without unit) or m, above zero and up to
 * TIMEOUT_MAX_MS. Returns 0, -EINVAL or -ERANGE. */
__attribute__((warn_unused_result)) int duration_parse(const char *text, unsigned *ret_ms);

/** Read a duration of zero up to `max_ms`, which may also have units h and d. Returns 0, -EINVAL or
 * -ERANGE. */
__attribute__((warn_unused_result)) int span_parse(
    const char *text, uint64_t max_ms, uint64_t *ret_ms);

/** Read a number of bytes of zero up to `max`, which may have unit K, M, G or T (powers of 1024).
 * Returns 0, -EINVAL or -ERANGE. */
__attribute__((warn_unused_result)) int size_parse(const char *text, size_t max, size_t *ret);

/* X(key, stats field): the phases of a pause, in order, times in ns; the keys of "phases". */
#define UPDATE_PHASES(X)         \
    X("fork", ns_fork)           \
    X("load", ns_load)           \
    X("main", ns_main)           \
    X("pair", ns_pair)           \
    X("move", ns_move)           \
    X("convert", ns_convert)     \
    X("scan", ns_scan)           \
    X("verify", ns_verify)       \
    X("reinstall", ns_reinstall) \
    X("seal", ns_seal)

/* X(key, stats field): the keys of "counts". */
#define UPDATE_COUNTS(X)                      \
    X("vars_paired", vars_paired)             \
    X("vars_added", vars_added)               \
    X("vars_removed", vars_removed)           \
    X("vars_converted", vars_converted)       \
    X("types_changed", types_changed)         \
    X("objects", objects)                     \
    X("objects_moved", objects_moved)         \
    X("objects_in_place", objects_in_place)   \
    X("bytes_moved", bytes_moved)             \
    X("ptrs_precise", ptrs_precise)           \
    X("ptrs_conservative", ptrs_conservative) \
    X("bytes_scanned", bytes_scanned)         \
    X("warnings", warnings)                   \
    X("values_checked", values_checked)       \
    X("values_unchecked", values_unchecked)   \
    X("differences", differences)

/** Make a text safe to show: a control character, of ASCII or of Latin-1 (U+0080 to U+009F), becomes a blank, but for
 * those in `keep`. What is not UTF-8 stays. */
void text_clean(char *text, const char *keep);

#endif
