/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefctl's parts: options -> request -> exchange with the daemon -> report.
 */
#ifndef SEFCTL_H
#define SEFCTL_H

#include <limits.h>
#include <stdbool.h>

#include <jansson.h>

/** Exit statuses; part of the command's interface. */
enum {
    EXIT_OK = 0,
    EXIT_REFUSED = 1, /**< refused, failed or rolled back */
    EXIT_USAGE = 2,
    EXIT_UNREACHABLE = 3, /**< no answer from the daemon */
    EXIT_NO_REPORT = 4,   /**< updated, but the report could not be written */
};

enum command {
    COMMAND_UP,
    COMMAND_RUN,
    COMMAND_DOWN,
    COMMAND_REFRESH,
    COMMAND_RESTART,
    COMMAND_CLONE,
    COMMAND_UNCLONE,
    COMMAND_EDIT,
    COMMAND_UPDATE,
    COMMAND_UPD_RUN,
    COMMAND_UPD_STOP,
    COMMAND_UPD_STATUS,
    COMMAND_RERANDOMIZE,
    COMMAND_FI,
    COMMAND_GCOV,
    COMMAND_STATUS,
    COMMAND_RELOAD,
    COMMAND_SHUTDOWN,
};

/** The command line. Strings are borrowed from argv. */
struct options {
    enum command command;
    const char *socket; /**< NULL: the default */
    bool json, verbose;
    const char *label;      /**< NULL: status of all */
    const char *image;      /**< as given; NULL: that of a unit file, or none is needed */
    char **args;            /**< up: image and arguments, ends in NULL */
    json_t *settings;       /**< up, edit: NULL or names and values; owned */
    json_t *members;        /**< NULL or more members of the request; owned */
    const char *expression; /**< update: NULL or the expression */
    int state;              /**< update: 0 or a SEF_LU_STATE_* */
    bool rehearse, explain, self, prepare_only, no_block;
    const char *rules;  /**< update: NULL or a file of rules */
    char *policies;     /**< update: NULL or lines of rules; owned */
    const char *report; /**< update: NULL, a file or "-" */
};

/** Parse the command line; prints help and exits by itself, with EXIT_USAGE on errors. */
void options_parse(struct options *options, int argc, char **argv);

/** Make the request. The caller owns it. NULL after a message when it cannot be expressed. */
json_t *request_new(const struct options *options);

/** Send a request, without what the daemon need not know, and wait for the final reply, which the caller owns.
 * NULL after a message when the daemon cannot be reached or does not answer. */
json_t *request_send(const struct options *options, json_t *request);

/** Tell the user about a reply; returns the exit status. */
int report(const struct options *options, const json_t *reply);

/** Write the report of an update, of which no reply may have come (NULL). False after a message. */
bool report_write(const struct options *options, const json_t *request, const json_t *reply);

#endif
