/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefd, the supervisor of services that are updated live: command line.
 */
#include <argp.h>
#include <grp.h>
#include <stdlib.h>

#include "daemon.h"
#include "log.h"
#include "names.h"

const char *argp_program_version = "sefd 0.1.0";

enum {
    OPT_SOCKET_MODE = 0x100,
    OPT_SOCKET_GROUP,
    OPT_ANY_IMAGES,
    OPT_RUNTIME_DIR,
    OPT_IMAGES_DIR,
    OPT_UNITS_DIR,
    OPT_REQUEST_TIMEOUT,
    OPT_STOP_TIMEOUT,
    OPT_RESTART_PERIOD,
    OPT_CRASH_WINDOW,
    OPT_LEAVE_SERVICES,
    OPT_CHECK,
};

static const struct argp_option options[] = {
    { "socket", 's', "PATH", 0, "Control socket (default: control in the runtime directory)", 0 },
    { "socket-mode", OPT_SOCKET_MODE, "MODE", 0,
        "Permissions of the control socket (default 600, or 660 with --socket-group). Who may "
        "connect and is not root, "
        "this user or a service's owner may look at the status",
        0 },
    { "socket-group", OPT_SOCKET_GROUP, "GROUP", 0, "Group of the control socket", 0 },
    { "allow-writable-images", OPT_ANY_IMAGES, NULL, 0,
        "Run programs that other users own or may write to (docs/security.md)", 0 },
    { "runtime-dir", OPT_RUNTIME_DIR, "DIR", 0,
        "Runtime directory (default: $XDG_RUNTIME_DIR/sef, else /run/sef)", 0 },
    { "images-dir", OPT_IMAGES_DIR, "DIR", 0,
        "Where copies of images go (default: images in the runtime directory, or a directory made "
        "under /var/tmp when no code may run from there)",
        0 },
    { "units-dir", OPT_UNITS_DIR, "DIR", 0,
        "Where unit files are (default: /etc/sef/units for root, else $XDG_CONFIG_HOME/sef/units)",
        0 },
    { "request-timeout", OPT_REQUEST_TIMEOUT, "T", 0,
        "Time a client has to state its request (default 5s)", 0 },
    { "stop-timeout", OPT_STOP_TIMEOUT, "T", 0,
        "Time from SIGTERM to SIGKILL when a service is taken down (default 2s)", 0 },
    { "restart-period", OPT_RESTART_PERIOD, "T", 0,
        "A service that ends again and again is restarted after 2, 4, 8, 16 and then 30 times this "
        "(default "
        "1s)",
        0 },
    { "crash-window", OPT_CRASH_WINDOW, "T", 0,
        "A service that crashes within this time after a restart does so again (default 10s)", 0 },
    { "leave-services", OPT_LEAVE_SERVICES, NULL, 0,
        "Leave services running, for the next sefd, when the daemon ends", 0 },
    { "check", OPT_CHECK, NULL, 0,
        "Read options and what an earlier sefd knew of its services, and end: 0 if all is well",
        0 },
    { "verbose", 'v', NULL, 0, "Tell more", 0 },
    { 0 },
};

static void parse_duration(struct argp_state *state, const char *arg, unsigned *ret)
{
    if (duration_parse(arg, ret) < 0)
        argp_error(state, "not a duration (as 500ms, 2s or 1m, up to an hour): %s", arg);
}

static void parse_mode(struct argp_state *state, const char *arg)
{
    struct daemon_options *o = state->input;
    char *end;
    unsigned long mode = strtoul(arg, &end, 8);
    if (*arg < '0' || *arg > '7' || *end || mode > 0777 || (mode & 0600) != 0600)
        argp_error(state, "not the mode of a socket (as 660): %s", arg);
    o->socket_mode = (unsigned) mode;
}

static void parse_group(struct argp_state *state, const char *arg)
{
    struct daemon_options *o = state->input;
    const struct group *group = getgrnam(arg);
    if (!group) {
        argp_error(state, "no such group: %s", arg);
        return;
    }
    o->socket_gid = group->gr_gid;
}

static int parse_option(int key, char *arg, struct argp_state *state)
{
    struct daemon_options *o = state->input;
    switch (key) {
    case 's':
        o->socket = arg;
        return 0;
    case 'v':
        log_set_verbose(true);
        return 0;
    case OPT_SOCKET_MODE:
        parse_mode(state, arg);
        return 0;
    case OPT_SOCKET_GROUP:
        parse_group(state, arg);
        return 0;
    case OPT_ANY_IMAGES:
        o->any_images = true;
        return 0;
    case ARGP_KEY_END:
        if (o->socket_mode == 0)
            o->socket_mode = o->socket_gid == (gid_t) -1 ? 0600 : 0660;
        return 0;
    case OPT_RUNTIME_DIR:
        o->runtime_dir = arg;
        return 0;
    case OPT_IMAGES_DIR:
        o->images_dir = arg;
        return 0;
    case OPT_UNITS_DIR:
        o->units_dir = arg;
        return 0;
    case OPT_REQUEST_TIMEOUT:
        parse_duration(state, arg, &o->request_ms);
        return 0;
    case OPT_STOP_TIMEOUT:
        parse_duration(state, arg, &o->stop_ms);
        return 0;
    case OPT_RESTART_PERIOD:
        parse_duration(state, arg, &o->restart_ms);
        return 0;
    case OPT_CRASH_WINDOW:
        parse_duration(state, arg, &o->crash_window_ms);
        return 0;
    case OPT_LEAVE_SERVICES:
        o->leave_services = true;
        return 0;
    case OPT_CHECK:
        o->check = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected argument: %s", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc = "Supervise services that are updated live. Runs in the foreground.\v"
           "Durations are numbers with unit ms, s or m; without unit, seconds. SIGTERM and SIGINT "
           "end the services and then the daemon.\n\n"
           "Exit status: 0 after a signal, 1 when it could not start or its loop failed, 2 usage.",
};

int main(int argc, char **argv)
{
    struct daemon_options o = { .socket_gid = (gid_t) -1,
        .request_ms = 5000,
        .stop_ms = 2000,
        .restart_ms = 1000,
        .crash_window_ms = 10000 };
    argp_err_exit_status = 2;
    o.argv = argv;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (o.check)
        return daemon_check(&o) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

    struct daemon daemon;
    int r = daemon_init(&daemon, &o);
    if (r >= 0)
        r = daemon_run(&daemon);
    daemon_deinit(&daemon);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
