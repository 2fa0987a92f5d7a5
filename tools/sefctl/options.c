/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefctl's command line: one argp parser for what comes before the command, one a command.
 */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

const char *argp_program_version = "sefctl 0.1.0";

enum { FULL_NAME_MAX = 48 };

static const struct argp_option common_options[] = { COMMON_OPTIONS, { 0 } };
static const struct argp_option blocking_options[] = { NO_BLOCK_OPTION, COMMON_OPTIONS, { 0 } };

void options_member(struct options *options, const char *key, json_t *value)
{
    if (!options->members)
        options->members = json_object();
    (void) json_object_set_new(options->members, key, value);
}

unsigned options_limit(const char *arg, const struct argp_state *state)
{
    uint64_t ms = 0;
    if (strcmp(arg, "infinity") != 0 && span_parse(arg, TIMEOUT_MAX_MS, &ms) < 0)
        argp_error(state, "not a duration (as 500ms, 2s or 1m, up to an hour, or 0): %s", arg);
    return (unsigned) ms;
}

/* ---- Commands ---------------------------------------------------------------------------- */

static int parse_common(int key, char *arg, struct argp_state *state)
{
    return options_parse_common(key, arg, state);
}

#define SIMPLE(options, args, doc) \
    { options, parse_common, args, doc "\n\n" EXIT_STATUS_DOC, NULL, NULL, NULL }

static const struct argp down_argp = SIMPLE(blocking_options, "LABEL",
    "End a service: SIGTERM, then SIGKILL after two seconds. Forgets one that has ended.\v"
    "Example:\n  sefctl down kvd");
static const struct argp refresh_argp = SIMPLE(blocking_options, "LABEL",
    "End a service gracefully and start it again; it loses its state and gets a new endpoint.\v"
    "What starts is the image of its last update, or what its unit file says if that changed.");
static const struct argp restart_argp = SIMPLE(blocking_options, "LABEL",
    "Start a service again that has ended: for its recovery script alone (see \"sefctl up "
    "--script\").\vThe service learns that a script had it restarted "
    "(SEF_INIT_SCRIPT_RESTART).");
static const struct argp clone_argp = SIMPLE(common_options, "LABEL",
    "Start a stand-by replica: a second process of the image that waits in sef_startup() to take "
    "over.\vThe main function runs up to sef_startup() in it, so a service must not take what it "
    "cannot have twice before that.");
static const struct argp unclone_argp =
    SIMPLE(common_options, "LABEL", "End the stand-by replica of a service.\v");
static const struct argp fi_argp = SIMPLE(
    common_options, "LABEL", "Have a service crash in a controlled way, to see how it recovers.\v");
static const struct argp gcov_argp = SIMPLE(blocking_options, "LABEL",
    "Have a service write its coverage profile, and go on.\v"
    "The service was built with coverage, for instance by sef-cc -fprofile-instr-generate "
    "-fcoverage-mapping; LLVM_PROFILE_FILE in its environment says where the profile goes.\n\n"
    "Example:\n  sefctl gcov kvd");
static const struct argp status_argp = SIMPLE(common_options, "[LABEL]",
    "Show the services, or one.\vExamples:\n  sefctl status\n  sefctl --json status kvd");
static const struct argp upd_run_argp = SIMPLE(blocking_options, "",
    "Run the updates that were queued by \"update --batch\" as one: all of them, or none.\v");
static const struct argp upd_stop_argp = SIMPLE(common_options, "[LABEL]",
    "Stop the updates that run, or the one of a service, and empty the queue.\v"
    "Who asked for an update hears EINTR; services go on with the version they have.");
static const struct argp upd_status_argp =
    SIMPLE(common_options, "", "Show the updates that run or are queued.\v");
static const struct argp reload_argp = SIMPLE(common_options, "",
    "Read the unit files again, and tell every error.\v"
    "A file with errors changes nothing. Settings that changed hold at once, another program when "
    "its service starts again.");
static const struct argp shutdown_argp =
    SIMPLE(common_options, "", "End sefd with all its services.\vDoes not wait for the end.");

static const struct argp rerandomize_argp = SIMPLE(blocking_options, "LABEL",
    "Update a service to another of its variants, drawn at random.\v"
    "Variants are the same program built with different sef-cc --sef-asr=SEED; the setting "
    "Variants lists them, and RerandomizeSec has this done periodically.\n\n"
    "Example:\n  sefctl rerandomize kvd");

/* Whether a command has a LABEL. */
enum label_use { LABEL_NONE, LABEL_OPTIONAL, LABEL_NEEDED };

static const struct {
    const char *name;
    enum label_use label;
    const struct argp *argp;
} commands[] = {
    [COMMAND_UP] = { "up", LABEL_NEEDED, &options_up_argp },
    [COMMAND_RUN] = { "run", LABEL_NEEDED, &options_run_argp },
    [COMMAND_DOWN] = { "down", LABEL_NEEDED, &down_argp },
    [COMMAND_REFRESH] = { "refresh", LABEL_NEEDED, &refresh_argp },
    [COMMAND_RESTART] = { "restart", LABEL_NEEDED, &restart_argp },
    [COMMAND_CLONE] = { "clone", LABEL_NEEDED, &clone_argp },
    [COMMAND_UNCLONE] = { "unclone", LABEL_NEEDED, &unclone_argp },
    [COMMAND_EDIT] = { "edit", LABEL_NEEDED, &options_edit_argp },
    [COMMAND_UPDATE] = { "update", LABEL_NEEDED, &options_update_argp },
    [COMMAND_UPD_RUN] = { "upd_run", LABEL_NONE, &upd_run_argp },
    [COMMAND_UPD_STOP] = { "upd_stop", LABEL_OPTIONAL, &upd_stop_argp },
    [COMMAND_UPD_STATUS] = { "upd_status", LABEL_NONE, &upd_status_argp },
    [COMMAND_RERANDOMIZE] = { "rerandomize", LABEL_NEEDED, &rerandomize_argp },
    [COMMAND_FI] = { "fi", LABEL_NEEDED, &fi_argp },
    [COMMAND_GCOV] = { "gcov", LABEL_NEEDED, &gcov_argp },
    [COMMAND_STATUS] = { "status", LABEL_OPTIONAL, &status_argp },
    [COMMAND_RELOAD] = { "reload", LABEL_NONE, &reload_argp },
    [COMMAND_SHUTDOWN] = { "shutdown", LABEL_NONE, &shutdown_argp },
};
enum { N_COMMANDS = sizeof commands / sizeof commands[0] };

/* What "sefctl sysctl NAME" calls them; upd_start does not wait. */
static const struct {
    const char *name;
    enum command command;
} sysctls[] = {
    { "srv_status", COMMAND_STATUS },
    { "upd_start", COMMAND_UPD_RUN },
    { "upd_run", COMMAND_UPD_RUN },
    { "upd_stop", COMMAND_UPD_STOP },
    { "upd_status", COMMAND_UPD_STATUS },
};
enum { N_SYSCTLS = sizeof sysctls / sizeof sysctls[0] };

/* ---- Parsing ----------------------------------------------------------------------------- */

static void set_argument(struct options *o, char *arg, struct argp_state *state)
{
    if (!o->label && commands[o->command].label != LABEL_NONE) {
        if (!label_is_valid(arg))
            argp_error(state, "not a label (1 to %d of A-Z a-z 0-9 _ . -): %s", LABEL_MAX, arg);
        o->label = arg;
    } else if (o->command == COMMAND_UP || o->command == COMMAND_RUN) {
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
    if (!o->label && commands[o->command].label == LABEL_NEEDED)
        argp_error(state, "LABEL is missing");
    if (!o->image && o->command == COMMAND_UPDATE && !o->prepare_only)
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

int options_parse_common(int key, char *arg, struct argp_state *state)
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
    case OPT_NO_BLOCK:
        o->no_block = true;
        return 0;
    case OPT_TIMEOUT:
        options_member(o, "timeout_ms", json_integer(options_limit(arg, state)));
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

/* Hand the rest of the command line, which begins with the command's name, to its own parser. */
static void parse_rest(struct options *o, struct argp_state *state, const char *full)
{
    int argc = state->argc - state->next + 1;
    char **argv = &state->argv[state->next - 1], *own = argv[0], name[FULL_NAME_MAX];
    snprintf(name, sizeof name, "%s", full);
    state->next = state->argc;
    argv[0] = name;
    argp_parse(commands[o->command].argp, argc, argv, ARGP_IN_ORDER, NULL, o);
    argv[0] = own;
}

static void parse_sysctl(struct options *o, struct argp_state *state)
{
    char full[FULL_NAME_MAX];
    if (state->next == state->argc)
        argp_error(state, "sysctl: a name is missing: srv_status, upd_start, upd_run, upd_stop or "
                          "upd_status");
    const char *name = state->argv[state->next++];
    size_t i = 0;
    while (i < N_SYSCTLS && strcmp(sysctls[i].name, name) != 0)
        i++;
    if (i == N_SYSCTLS)
        argp_error(state, "unknown sysctl: %s", name);
    o->command = sysctls[i].command;
    o->no_block = strcmp(name, "upd_start") == 0;
    snprintf(full, sizeof full, "sefctl sysctl %s", name);
    parse_rest(o, state, full);
}

static void parse_command(struct options *o, struct argp_state *state, const char *name)
{
    char full[FULL_NAME_MAX];
    size_t i = 0;
    if (strcmp(name, "sysctl") == 0) {
        parse_sysctl(o, state);
        return;
    }
    while (i < N_COMMANDS && strcmp(commands[i].name, name) != 0)
        i++;
    if (i == N_COMMANDS)
        argp_error(state, "unknown command: %s", name);
    o->command = (enum command) i;
    snprintf(full, sizeof full, "sefctl %s", name);
    parse_rest(o, state, full);
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
        return options_parse_common(key, arg, state);
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
           "  up LABEL [[--] IMAGE [ARG...]]   start a service\n"
           "  run LABEL [[--] IMAGE [ARG...]]  start it once\n"
           "  down LABEL                       end it\n"
           "  refresh LABEL                    end it gracefully and start it again\n"
           "  restart LABEL                    start it again: for recovery scripts\n"
           "  edit LABEL                       change its settings\n"
           "  clone LABEL                      start its stand-by replica\n"
           "  unclone LABEL                    end that\n"
           "  fi LABEL                         have it crash in a controlled way\n"
           "  gcov LABEL                       have it write its coverage profile\n"
           "  status [LABEL]                   show services\n"
           "  update LABEL IMAGE|self          update it live\n"
           "  rerandomize LABEL                update it to another variant\n"
           "  upd_run                          run what \"update --batch\" queued\n"
           "  upd_stop [LABEL]                 stop updates\n"
           "  upd_status                       show updates\n"
           "  reload                           read the unit files again\n"
           "  shutdown                         end sefd with all services\n\n"
           "\"sefctl sysctl srv_status|upd_start|upd_run|upd_stop|upd_status\" are the historic "
           "names of status and the upd_ commands; upd_start is upd_run --no-block. \"sefctl "
           "COMMAND --help\" tells more.\n\n" EXIT_STATUS_DOC,
};

void options_parse(struct options *options, int argc, char **argv)
{
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, options) != 0)
        exit(EXIT_USAGE);
}
