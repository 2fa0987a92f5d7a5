/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Options of update.
 */
#include "options.h"

#include <errno.h>
#include <string.h>

#include <sef/sef.h>

#include "names.h"
#include "rules_text.h"

enum {
    OPT_STATE = OPT_COMMAND,
    OPT_EVAL,
    OPT_REHEARSE,
    OPT_RULES,
    OPT_POLICY,
    OPT_VERIFY,
    OPT_REPORT,
    OPT_EXPLAIN,
    OPT_PREPARE_ONLY,
    OPT_FORCE_TRANSFER,
    OPT_DEFAULT_CALLBACKS,
    OPT_DEBUG_CRASH,
    OPT_DEBUG_FAIL,
    OPT_DEBUG_TIMEOUT,
    OPT_NO_MMAP,
    OPT_PREALLOC,
    OPT_ASR,
    OPT_ASR_COUNT,
    OPT_BATCH,
    OPT_SELF,
    OPT_IPC_BLACKLIST,
    OPT_IPC_WHITELIST,
};

enum { PREALLOC_MAX_GIB = 1024, ASR_COUNT_MAX = 1000000 };

static const struct argp_option update_options[] = {
    { "state", OPT_STATE, "STATE", 0,
        "State in which the service must be: work-free (default), request-free, protocol-free, "
        "unreachable, prepare-crash or a number (historically -state)",
        0 },
    { "eval", OPT_EVAL, "EXPR", 0,
        "Update when this expression over the service's variables is true (historically -state)",
        0 },
    { "timeout", OPT_TIMEOUT, "T", 0,
        "Time limit of the preparation (default 2s) and of the start (default 10s); 0: none "
        "(historically -maxtime)",
        0 },
    { "rehearse", OPT_REHEARSE, NULL, 0,
        "Try the update on a fork of the service that is thrown away", 0 },
    { "rules", OPT_RULES, "FILE", 0, "Rules and policies of this update (docs/rules.md)", 0 },
    { "policy", OPT_POLICY, "NAME=ACTION", 0,
        "What becomes of what cannot be taken over as it is: ignore, warn or refuse. Goes before "
        "the rules and the image; may be repeated",
        0 },
    { "explain", OPT_EXPLAIN, NULL, 0,
        "Tell what the update would do and what has to be decided, and do nothing", 0 },
    { "verify", OPT_VERIFY, NULL, 0, "Check the transfer by transferring back into a copy", 0 },
    { "report", OPT_REPORT, "FILE", 0,
        "Write a report, also of an update that failed: a page if FILE ends in .html, else JSON; - "
        "is JSON on standard output, in place of the result",
        0 },
    { "prepare-only", OPT_PREPARE_ONLY, NULL, 0,
        "Wait until the service reaches the state, and go on with the old version; IMAGE may be "
        "left out (historically -o)",
        0 },
    { "batch", OPT_BATCH, NULL, 0,
        "Queue the update; upd_run runs all that are queued as one (historically -q)", 0 },
    { "force-transfer", OPT_FORCE_TRANSFER, NULL, 0,
        "Transfer by types also where the image is the same (historically -t)", 0 },
    { "self", OPT_SELF, NULL, 0,
        "Say that the image is the one that runs; as IMAGE \"self\" (historically -s)", 0 },
    { "default-callbacks", OPT_DEFAULT_CALLBACKS, NULL, 0,
        "Initialise by the default callback, not by the service's (historically -d)", 0 },
    { "no-mmap", OPT_NO_MMAP, NULL, 0,
        "Do not count on inherited mappings: transfer by types (historically -m)", 0 },
    { "prealloc", OPT_PREALLOC, "SIZE", 0,
        "Reserve this much as the init buffer before the new version starts (historically "
        "-map-prealloc)",
        0 },
    { "asr", OPT_ASR, NULL, 0, "The image is another variant of the same program (historically -a)",
        0 },
    { "asr-count", OPT_ASR_COUNT, "N", 0,
        "Number of the variant, kept for the next update (historically -asr-count)", 0 },
    { "ipc-blacklist", OPT_IPC_BLACKLIST, "LIST", 0,
        "Hold back the messages that fit one of these rules SOURCE:TYPE,... while the update is "
        "prepared (docs/ipc.md; historically -ipc_bl). May be repeated",
        0 },
    { "ipc-whitelist", OPT_IPC_WHITELIST, "LIST", 0,
        "Hold back those that fit none of these (historically -ipc_wl). May be repeated", 0 },
    { "debug-crash", OPT_DEBUG_CRASH, NULL, 0,
        "For tests: the new version crashes in its initialisation (historically -x)", 0 },
    { "debug-fail", OPT_DEBUG_FAIL, NULL, 0,
        "For tests: its initialisation fails (historically -y)", 0 },
    { "debug-timeout", OPT_DEBUG_TIMEOUT, NULL, 0,
        "For tests: its initialisation does not end (historically -z)", 0 },
    NO_BLOCK_OPTION,
    COMMON_OPTIONS,
    { 0 },
};

/* Options that are booleans of the request. */
static const struct {
    int key;
    const char *member;
} switches[] = {
    { OPT_VERIFY, "verify" },
    { OPT_PREPARE_ONLY, "prepare_only" },
    { OPT_BATCH, "batch" },
    { OPT_FORCE_TRANSFER, "force_transfer" },
    { OPT_DEFAULT_CALLBACKS, "default_callbacks" },
    { OPT_NO_MMAP, "no_mmap" },
    { OPT_ASR, "asr" },
    { OPT_DEBUG_CRASH, "debug_crash" },
    { OPT_DEBUG_FAIL, "debug_fail" },
    { OPT_DEBUG_TIMEOUT, "debug_timeout" },
};

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

static void set_prealloc(struct options *o, const char *arg, struct argp_state *state)
{
    size_t size;
    if (size_parse(arg, (size_t) PREALLOC_MAX_GIB << 30, &size) < 0)
        argp_error(state, "not a size (as 65536, 64K, 8M or 1G): %s", arg);
    options_member(o, "prealloc", json_integer((json_int_t) size));
}

static void set_asr_count(struct options *o, const char *arg, struct argp_state *state)
{
    size_t n = 0;
    if (strspn(arg, "0123456789") != strlen(arg) || size_parse(arg, ASR_COUNT_MAX, &n) < 0)
        argp_error(state, "not a number up to %d: %s", ASR_COUNT_MAX, arg);
    options_member(o, "asr_count", json_integer((json_int_t) n));
}

static void add_list(struct argp_state *state, const char *key, const char *list)
{
    struct options *o = state->input;
    if (!json_object_get(o->members, key))
        options_member(o, key, json_array());
    if (json_array_append_new(json_object_get(o->members, key), json_string(list)) < 0)
        argp_error(state, "not UTF-8: %s", list);
}

static bool parse_switch(int key, struct options *o)
{
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        if (switches[i].key == key) {
            options_member(o, switches[i].member, json_true());
            return true;
        }
    }
    return false;
}

static void check(struct options *o, struct argp_state *state)
{
    if (o->image && strcmp(o->image, "self") == 0)
        o->self = true;
    if (!o->image && o->self)
        o->image = "self";
    o->prepare_only = json_is_true(json_object_get(o->members, "prepare_only"));
    if (o->image && !o->self)
        return;
    if (o->self && strcmp(o->image, "self") != 0)
        argp_error(state, "--self goes without IMAGE");
    if (o->explain)
        argp_error(state, "--explain compares with an IMAGE");
    if (o->self)
        options_member(o, "self", json_true());
}

static int parse_value(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_STATE:
        set_state(o, arg, state);
        return 0;
    case OPT_EVAL:
        set_expression(o, arg, state);
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
    case OPT_PREALLOC:
        set_prealloc(o, arg, state);
        return 0;
    case OPT_IPC_BLACKLIST:
        add_list(state, "ipc_blacklists", arg);
        return 0;
    case OPT_IPC_WHITELIST:
        add_list(state, "ipc_whitelists", arg);
        return 0;
    case OPT_ASR_COUNT:
        set_asr_count(o, arg, state);
        return 0;
    default:
        return options_parse_common(key, arg, state);
    }
}

static int parse(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    if (parse_switch(key, o))
        return 0;
    switch (key) {
    case OPT_REHEARSE:
        o->rehearse = true;
        return 0;
    case OPT_EXPLAIN:
        o->explain = true;
        return 0;
    case OPT_SELF:
        o->self = true;
        return 0;
    case ARGP_KEY_END:
        check(o, state);
        return options_parse_common(key, arg, state);
    default:
        return parse_value(key, arg, state);
    }
}

const struct argp options_update_argp = { update_options, parse, "LABEL IMAGE\nLABEL self",
    "Replace the code of a running service by another image, or by itself; its state goes on.\v"
    "If anything fails the old version goes on as if nothing had happened, and the exit "
    "status is 1. The update runs to its end even if this command is killed. \"./self\" is an "
    "image "
    "of that name.\n\n"
    "Examples:\n"
    "  sefctl update kvd ./kvd-v2\n"
    "  sefctl update kvd ./kvd-v2 --eval 'n_clients == 0' --timeout 30s\n"
    "  sefctl update kvd self --force-transfer\n"
    "  sefctl update --explain kvd ./kvd-v2\n"
    "  sefctl update --rehearse kvd ./kvd-v2\n"
    "  sefctl update --rules v2.rules --policy removed=refuse --report v2.html kvd "
    "./kvd-v2\n\n" EXIT_STATUS_DOC,
    NULL, NULL, NULL };
