/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parsers of sefctl's commands share. For options*.c alone.
 */
#ifndef SEFCTL_OPTIONS_H
#define SEFCTL_OPTIONS_H

#include <argp.h>

#include "sefctl.h"

#define EXIT_STATUS_DOC                                                                          \
    "Exit status: 0 done; 1 refused, failed or rolled back (the message says what stood in the " \
    "way); 2 usage; 3 sefd cannot be reached; 4 updated, but the report could not be written."

/** Keys of options; those of one command may be those of another. */
enum {
    OPT_JSON = 0x100,
    OPT_NO_BLOCK,
    OPT_TIMEOUT,
    OPT_COMMAND = 0x200, /**< from here on: of a command alone */
};

#define COMMON_OPTIONS                                                                           \
    { "socket", 's', "PATH", 0,                                                                  \
        "Control socket of sefd (default: $XDG_RUNTIME_DIR/sef/control, else /run/sef/control)", \
        1 },                                                                                     \
        { "json", OPT_JSON, NULL, 0, "Print the daemon's reply as JSON", 1 },                    \
        { "verbose", 'v', NULL, 0, "Tell each phase as it begins", 1 }

#define NO_BLOCK_OPTION                  \
    { "no-block", OPT_NO_BLOCK, NULL, 0, \
        "Do not wait for the result, which status and sefd's log tell (historically -n)", 0 }

/** The parsers of commands that have options of their own. */
extern const struct argp options_up_argp, options_run_argp, options_edit_argp, options_update_argp;

/** What every command understands: options that all have, LABEL and IMAGE. */
int options_parse_common(int key, char *arg, struct argp_state *state);

/** Add a member to the request. */
void options_member(struct options *options, const char *key, json_t *value);

/** Read a duration; 0 and "infinity" are 0. Usage error if it is none. */
unsigned options_limit(const char *arg, const struct argp_state *state);

#endif
