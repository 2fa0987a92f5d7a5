/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefctl's command line: one argp parser for what comes before the command, one a command.
 */
#include "sefctl.h"

#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "names.h"
#include "rules_text.h"

const char *argp_program_version = "sefctl 0.1.0";

#define EXIT_STATUS_DOC                                                                          \
    "Exit status: 0 done; 1 refused, failed or rolled back (the message says what stood in the " \
    "way); 2 usage; 3 sefd cannot be reached; 4 updated, but the report could not be written."

enum {
    OPT_STATE = 0x100,
    OPT_EVAL,
    OPT_TIMEOUT,
    OPT_REHEARSE,
    OPT_JSON,
    OPT_RULES,
    OPT_POLICY,
    OPT_VERIFY,
    OPT_REPORT,
    OPT_EXPLAIN
};

#define COMMON_OPTIONS                                                                           \
    { "socket", 's', "PATH", 0,                                                                  \
        "Control socket of sefd (default: $XDG_RUNTIME_DIR/sef/control, else /run/sef/control)", \
        1 },                                                                                     \
        { "json", OPT_JSON, NULL, 0, "Print the daemon's reply as JSON", 1 },                    \
        { "verbose", 'v', NULL, 0, "Tell each phase as it begins", 1 }

static const struct argp_option common_options[] = { COMMON_OPTIONS, { 0 } };

static const struct argp_option up_options[] = {
    { "timeout", OPT_TIMEOUT, "T", 0, "Time limit of the initialisation (default 10s)", 0 },
    COMMON_OPTIONS,
    { 0 },
};

static const struct argp_option update_options[] = {
    { "state", OPT_STATE, "STATE", 0,
        "State in which the service must be: work-free (default), request-free, protocol-free, "
        "unreachable, prepare-crash or a number",
        0 },
    { "eval", OPT_EVAL, "EXPR", 0,
        "Update when this expression over the service's variables is true", 0 },
    { "timeout", OPT_TIMEOUT, "T", 0,
        "Time limit of the preparation (default 2s) and of the start (default 10s)", 0 },
    { "rehearse", OPT_REHEARSE, NULL, 0,
        "Try the update on a fork of the service that is thrown away", 0 },
    { "rules", OPT_RULES, "FILE", 0, "Rules and policies of this update (docs/rules.md)", 0 },
    { "policy", OPT_POLICY, "NAME=ACTION", 0,
        "What becomes of what cannot be taken over as it is: ignore, warn or refuse. Goes before "
        "the "
        "rules and the image; may be repeated",
        0 },
    { "explain", OPT_EXPLAIN, NULL, 0,
        "Tell what the update would do and what has to be decided, and do nothing", 0 },
    { "verify", OPT_VERIFY, NULL, 0, "Check the transfer by transferring back into a copy", 0 },
    { "report", OPT_REPORT, "FILE", 0,
        "Write a report, also of an update that failed: a page if FILE ends in .html, else JSON; - "
        "is "
        "JSON on standard output, in place of the result",
        0 },
    COMMON_OPTIONS,
    { 0 },
};

static void parse_timeout(struct options *o, const char *arg, struct argp_state *state)
{
    if (duration_parse(arg, &o->timeout_ms) < 0)
        argp_error(state, "not a duration (as 500ms, 2s or 1m, up to an hour): %s", arg);
}

static void set_expression(struct options *o, const char *arg, struct argp_state *state)
{
    if (!*arg || strlen(arg) >= SEF_LU_STATE_EVAL_MAX_LEN)
        argp_error(state, "an expression has 1 to %d bytes", SEF_LU_STATE_EVAL_MAX_LEN - 1);
    o->expression = arg;
}

static void set_state(struct options *o, const char *arg, struct argp_state *state)
{
    if (state_parse(arg, &o->state) < 0)
        argp_error(state, "not a state (a name, see --help, or a number from 1): %s", arg);
    if (o->state == SEF_LU_STATE_EVAL)
        argp_error(state, "for an expression use --eval");
}

static void add_policy(struct options *o, const char *arg, struct argp_state *state)
{
    int r = rules_add_policy(&o->policies, arg);
    if (r == -EINVAL)
        argp_error(state, "not a policy (NAME=ignore, NAME=warn or NAME=refuse): %s", arg);
    else if (r < 0)
        argp_failure(state, EXIT_USAGE, -r, "policies");
}

static void set_argument(struct options *o, char *arg, struct argp_state *state)
{
    if (!o->label) {
        if (!label_is_valid(arg))
            argp_error(state, "not a label (1 to %d of A-Z a-z 0-9 _ . -): %s", LABEL_MAX, arg);
        o->label = arg;
    } else if (o->command == COMMAND_UP) {
        o->image = arg;
        o->args = &state->argv[state->next - 1];
        state->next = state->argc;
    } else if (o->command == COMMAND_UPDATE && !o->image) {
        o->image = arg;
    } else {
        argp_error(state, "unexpected argument: %s", arg);
    }
}

static void check_arguments(const struct options *o, struct argp_state *state)
{
    if (!o->label && o->command != COMMAND_STATUS)
        argp_error(state, "LABEL is missing");
    if (!o->image && (o->command == COMMAND_UP || o->command == COMMAND_UPDATE))
        argp_error(state, "IMAGE is missing");
    if (o->image && !*o->image)
        argp_error(state, "IMAGE is empty");
    if (o->expression && o->state)
        argp_error(state, "--state and --eval exclude each other");
    if (o->explain && (o->rehearse || o->report))
        argp_error(state, "--explain updates nothing: no --rehearse and no --report with it");
    if (o->report && !*o->report)
        argp_error(state, "the name of the report is empty");
    if (o->report && strcmp(o->report, "-") == 0 && o->json)
        argp_error(state, "--json and --report - exclude each other");
}

static int parse_command_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 's':
        o->socket = arg;
        return 0;
    case 'v':
        o->verbose = true;
        return 0;
    case OPT_JSON:
        o->json = true;
        return 0;
    case OPT_TIMEOUT:
        parse_timeout(o, arg, state);
        return 0;
    case ARGP_KEY_ARG:
        set_argument(o, arg, state);
        return 0;
    case ARGP_KEY_END:
        check_arguments(o, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int parse_update_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_STATE:
        set_state(o, arg, state);
        return 0;
    case OPT_EVAL:
        set_expression(o, arg, state);
        return 0;
    case OPT_REHEARSE:
        o->rehearse = true;
        return 0;
    case OPT_EXPLAIN:
        o->explain = true;
        return 0;
    case OPT_VERIFY:
        o->verify = true;
        return 0;
    case OPT_RULES:
        o->rules = arg;
        return 0;
    case OPT_POLICY:
        add_policy(o, arg, state);
        return 0;
    case OPT_REPORT:
        o->report = arg;
        return 0;
    default:
        return parse_command_option(key, arg, state);
    }
}

static const struct {
    const char *name;
    struct argp argp;
} commands[] = {
    [COMMAND_UP] = { "up",
        { up_options, parse_command_option, "LABEL [--] IMAGE [ARG...]",
            "Start a service and wait until it is initialised.\v"
            "Options come before LABEL or between LABEL and IMAGE; what follows IMAGE is the "
            "service's. It runs in this directory with this environment, unless sefd belongs to "
            "another user. "
            "Its output goes where sefd's goes.\n\n"
            "Example:\n  sefctl up kvd -- ./kvd-v1 --port 7000\n\n" EXIT_STATUS_DOC,
            NULL, NULL, NULL } },
    [COMMAND_DOWN] = { "down",
        { common_options, parse_command_option, "LABEL",
            "End a service: SIGTERM, then SIGKILL after two seconds. Forgets one that has ended.\v"
            "Example:\n  sefctl down kvd\n\n" EXIT_STATUS_DOC,
            NULL, NULL, NULL } },
    [COMMAND_UPDATE] = { "update",
        { update_options, parse_update_option, "LABEL IMAGE",
            "Replace the code of a running service by another image; its state goes on.\v"
            "If anything fails the old version goes on as if nothing had happened, and the exit "
            "status is 1. The update runs to its end even if this command is killed.\n\n"
            "Examples:\n"
            "  sefctl update kvd ./kvd-v2\n"
            "  sefctl update kvd ./kvd-v2 --eval 'n_clients == 0' --timeout 30s\n"
            "  sefctl update --explain kvd ./kvd-v2\n"
            "  sefctl update --rehearse kvd ./kvd-v2\n"
            "  sefctl update --rules v2.rules --policy removed=refuse --report v2.html kvd "
            "./kvd-v2\n\n" EXIT_STATUS_DOC,
            NULL, NULL, NULL } },
    [COMMAND_RERANDOMIZE] = { "rerandomize",
        { common_options, parse_command_option, "LABEL",
            "Update a service to another of its variants, drawn at random.\v"
            "Variants are the same program built with different sef-cc --sef-asr=SEED; the setting "
            "Variants lists them, and RerandomizeSec has this done periodically.\n\n"
            "Example:\n  sefctl rerandomize kvd\n\n" EXIT_STATUS_DOC,
            NULL, NULL, NULL } },
    [COMMAND_STATUS] = { "status", { common_options, parse_command_option, "[LABEL]",
                                       "Show the services, or one.\vExamples:\n  sefctl status\n  "
                                       "sefctl --json status kvd\n\n" EXIT_STATUS_DOC,
                                       NULL, NULL, NULL } },
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* Hand the rest of the command line to the command's own parser. */
static void parse_command(struct options *o, struct argp_state *state, const char *name)
{
    size_t i = 0;
    while (i < N_COMMANDS && strcmp(commands[i].name, name) != 0)
        i++;
    if (i == N_COMMANDS)
        argp_error(state, "unknown command: %s", name);
    o->command = (enum command) i;
    char full[32];
    snprintf(full, sizeof full, "sefctl %s", name);
    int argc = state->argc - state->next + 1;
    char **argv = &state->argv[state->next - 1], *own = argv[0];
    state->next = state->argc;
    argv[0] = full;
    argp_parse(&commands[i].argp, argc, argv, ARGP_IN_ORDER, NULL, o);
    argv[0] = own;
}

static int parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case ARGP_KEY_ARG:
        parse_command(o, state, arg);
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "a command is missing");
        return 0;
    case 's':
    case 'v':
    case OPT_JSON:
        return parse_command_option(key, arg, state);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = common_options,
    .parser = parse_option,
    .args_doc = "COMMAND [ARG...]",
    .doc = "Control the services of sefd.\v"
           "Commands:\n"
           "  up LABEL [--] IMAGE [ARG...]   start a service\n"
           "  down LABEL                     end it\n"
           "  update LABEL IMAGE             update it live\n"
           "  rerandomize LABEL              update it to another variant\n"
           "  status [LABEL]                 show services\n\n"
           "\"sefctl COMMAND --help\" tells more.\n\n" EXIT_STATUS_DOC,
};

void options_parse(struct options *options, int argc, char **argv)
{
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, options) != 0)
        exit(EXIT_USAGE);
}
