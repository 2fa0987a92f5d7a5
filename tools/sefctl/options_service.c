/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Options of up, run and edit: settings of a service by their names in unit files.
 */
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

enum {
    OPT_PERIOD = OPT_COMMAND,
    OPT_POLICY,
    OPT_NO_RESTART,
    OPT_NO_BACKOFF,
    OPT_SCRIPT,
    OPT_RESTARTS,
    OPT_STANDBY,
    OPT_STATE,
    OPT_EVAL,
    OPT_PREALLOC,
    OPT_ASR_COUNT,
    OPT_RERANDOMIZE,
    OPT_SET,
};

#define SETTING_OPTIONS                                                                            \
    { "period", OPT_PERIOD, "T", 0,                                                                \
        "Time between heartbeats, 0: none (HeartbeatSec=; historically -period)", 0 },             \
        { "restart-policy", OPT_POLICY, "POLICY", 0,                                               \
            "When it ends by itself: restart (with its state, if it can), reset or none "          \
            "(default; RestartPolicy=)",                                                           \
            0 },                                                                                   \
        { "no-restart", OPT_NO_RESTART, NULL, 0,                                                   \
            "Do not start it again when it ends (Restart=no; historically -f)", 0 },               \
        { "no-backoff", OPT_NO_BACKOFF, NULL, 0,                                                   \
            "Start it again at once, however often it ended (RestartBackoff=no; historically "     \
            "-b)",                                                                                 \
            0 },                                                                                   \
        { "script", OPT_SCRIPT, "PATH", 0,                                                         \
            "Run this in place of a restart; it calls \"sefctl restart\" (RestartScript=; "        \
            "historically -script)",                                                               \
            0 },                                                                                   \
        { "restarts", OPT_RESTARTS, "N", 0,                                                        \
            "What the counter of restarts is set to (RestartCount=; historically -restarts)", 0 }, \
        { "standby", OPT_STANDBY, NULL, 0,                                                         \
            "Keep a stand-by replica (Standby=yes; historically -p)", 0 },                         \
        { "state", OPT_STATE, "STATE", 0,                                                          \
            "State for updates that name none (UpdateState=; historically -state)", 0 },           \
        { "eval", OPT_EVAL, "EXPR", 0,                                                             \
            "Expression for updates that name none (UpdateExpression=; historically -state)", 0 }, \
        { "prealloc", OPT_PREALLOC, "SIZE", 0,                                                     \
            "Init buffer of updates that name none (Preallocate=; historically "                   \
            "-map-prealloc)",                                                                      \
            0 },                                                                                   \
        { "asr-count", OPT_ASR_COUNT, "N", 0,                                                      \
            "Number of the variant that runs (AsrCount=; historically -asr-count)", 0 },           \
        { "rerandomize", OPT_RERANDOMIZE, "T", 0,                                                  \
            "Time between updates to another variant, 0: none (RerandomizeSec=)", 0 },             \
        { "set", OPT_SET, "NAME=VALUE", 0, "Any setting of docs/unit-files.md", 0 }

static const struct argp_option up_options[] = {
    { "timeout", OPT_TIMEOUT, "T", 0,
        "Time limit of the initialisation, 0: none (default 10s; TimeoutStartSec=)", 0 },
    SETTING_OPTIONS,
    NO_BLOCK_OPTION,
    COMMON_OPTIONS,
    { 0 },
};

static const struct argp_option edit_options[] = {
    SETTING_OPTIONS,
    COMMON_OPTIONS,
    { 0 },
};

/* What an option sets; `value` NULL: its argument. */
static const struct {
    int key;
    const char *name, *value;
} settings[] = {
    { OPT_PERIOD, "HeartbeatSec", NULL },
    { OPT_POLICY, "RestartPolicy", NULL },
    { OPT_NO_RESTART, "Restart", "no" },
    { OPT_NO_BACKOFF, "RestartBackoff", "no" },
    { OPT_RESTARTS, "RestartCount", NULL },
    { OPT_STANDBY, "Standby", "yes" },
    { OPT_STATE, "UpdateState", NULL },
    { OPT_EVAL, "UpdateExpression", NULL },
    { OPT_PREALLOC, "Preallocate", NULL },
    { OPT_ASR_COUNT, "AsrCount", NULL },
    { OPT_RERANDOMIZE, "RerandomizeSec", NULL },
};

static void add(struct argp_state *state, const char *name, const char *value)
{
    struct options *o = state->input;
    if (!o->settings)
        o->settings = json_object();
    if (json_object_set_new(o->settings, name, json_string(value)) < 0)
        argp_error(state, "%s: not UTF-8: %s", name, value);
}

static void add_pair(struct argp_state *state, char *pair)
{
    char *value = strchr(pair, '=');
    if (!value || value == pair)
        argp_error(state, "not a setting NAME=VALUE: %s", pair);
    *value = '\0';
    add(state, pair, value + 1);
    *value = '=';
}

/* The daemon works elsewhere. */
static void add_script(struct argp_state *state, const char *path)
{
    char absolute[PATH_MAX];
    if (!realpath(path, absolute))
        argp_error(state, "%s: %s", path, strerror(errno));
    add(state, "RestartScript", absolute);
}

static int parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (settings[i].key == key) {
            add(state, settings[i].name, settings[i].value ? settings[i].value : arg);
            return 0;
        }
    }
    switch (key) {
    case OPT_SCRIPT:
        add_script(state, arg);
        return 0;
    case OPT_SET:
        add_pair(state, arg);
        return 0;
    case ARGP_KEY_END:
        if (o->command == COMMAND_EDIT && !o->settings)
            argp_error(state, "nothing to change: name a setting");
        return options_parse_common(key, arg, state);
    default:
        return options_parse_common(key, arg, state);
    }
}

#define UP_DOC                                                                                    \
    "Options come before LABEL or between LABEL and IMAGE; what follows IMAGE is the "            \
    "service's. It runs in this directory with this environment, unless sefd belongs to "         \
    "another user. Its output goes where sefd's goes. Without IMAGE the unit file LABEL.service " \
    "says what to start (docs/unit-files.md); options win over it.\n\n"

const struct argp options_up_argp = { up_options, parse, "LABEL [[--] IMAGE [ARG...]]",
    "Start a service and wait until it is initialised.\v" UP_DOC
    "Examples:\n  sefctl up kvd -- ./kvd-v1 --port 7000\n"
    "  sefctl up kvd --period 5s --standby ./kvd-v1\n  sefctl up kvd\n\n" EXIT_STATUS_DOC,
    NULL, NULL, NULL };

const struct argp options_run_argp = { up_options, parse, "LABEL [[--] IMAGE [ARG...]]",
    "Start a service once: it is not started again when it ends.\v" UP_DOC
    "Example:\n  sefctl run job -- ./job --once\n\n" EXIT_STATUS_DOC,
    NULL, NULL, NULL };

const struct argp options_edit_argp = { edit_options, parse, "LABEL",
    "Change settings of a running service. They hold until its unit file changes.\v"
    "Examples:\n  sefctl edit kvd --period 1s --restart-policy reset\n"
    "  sefctl edit kvd --set Restart=yes\n\n" EXIT_STATUS_DOC,
    NULL, NULL, NULL };
