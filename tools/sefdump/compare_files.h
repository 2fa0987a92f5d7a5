/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefdump --diff.
 */
#ifndef SEFDUMP_COMPARE_FILES_H
#define SEFDUMP_COMPARE_FILES_H

/** Exit statuses of --diff: 0 to 2 are verdicts, for scripts. */
enum {
    DIFF_NOTHING_TO_DECIDE = 0,
    DIFF_DECISION = 1,
    DIFF_IMPOSSIBLE = 2,
    DIFF_USAGE = 64,      /**< the command line, or the rules */
    DIFF_UNREADABLE = 65, /**< an image */
    DIFF_FAILED = 71,     /**< out of memory, output cannot be written */
};

enum diff_form { DIFF_TEXT, DIFF_JSON, DIFF_HTML };

/** Compare two image files under rules and write the result to standard output. Returns the exit
 * status. */
int compare_files(const char *old, const char *new, const char *rules, enum diff_form form);

#endif
