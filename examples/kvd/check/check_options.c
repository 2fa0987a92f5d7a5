/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line of kvd-check.
 */
#include "check_options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: kvd-check [OPTION]...\n"
    "Send pipelined requests to a Redis-protocol server and verify every reply.\n\n"
    "  --host ADDRESS, --port N   server (default 127.0.0.1, 6379)\n"
    "  --unix PATH                server's Unix socket instead\n"
    "  --connections N            kept open at the same time (default 8)\n"
    "  --pipeline N               requests of a batch (default 16)\n"
    "  --keys N                   keys of each connection (default 100)\n"
    "  --prefix TEXT              of these keys (default check)\n"
    "  --seconds N                how long (default 5)\n"
    "  --until-signal             until SIGTERM or SIGINT instead\n"
    "  --load N                   write N bulk keys with known values, nothing else\n"
    "  --verify N                 read them back, nothing else\n"
    "  --timeout N                seconds to wait for replies (default 30)\n";

static const struct option long_options[] = {
    { "host", required_argument, NULL, 'h' },
    { "port", required_argument, NULL, 'p' },
    { "unix", required_argument, NULL, 'u' },
    { "connections", required_argument, NULL, 'c' },
    { "pipeline", required_argument, NULL, 'P' },
    { "keys", required_argument, NULL, 'k' },
    { "prefix", required_argument, NULL, 'x' },
    { "seconds", required_argument, NULL, 's' },
    { "until-signal", no_argument, NULL, 'i' },
    { "load", required_argument, NULL, 'l' },
    { "verify", required_argument, NULL, 'v' },
    { "timeout", required_argument, NULL, 't' },
    { "help", no_argument, NULL, 'H' },
    { 0 },
};

/* Read optarg as a number from 1 on. */
static int parse_count(uint32_t *ret)
{
    char *end;
    unsigned long n = strtoul(optarg, &end, 10);

    if (end == optarg || *end || n < 1 || n > INT32_MAX) {
        fprintf(stderr, "kvd-check: %s: not a number from 1 on\n", optarg);
        return 2;
    }
    *ret = (uint32_t) n;
    return 0;
}

static int parse_bulk(enum workload_kind kind, struct check_options *ret)
{
    uint32_t n;
    int status = parse_count(&n);

    if (status == 0) {
        ret->kind = kind;
        ret->n_bulk = n;
    }
    return status;
}

static int parse_text(const char **ret)
{
    *ret = optarg;
    return 0;
}

static int parse_option(int option, struct check_options *ret)
{
    switch (option) {
    case 'h':
        return parse_text(&ret->host);
    case 'u':
        return parse_text(&ret->unix_path);
    case 'x':
        return parse_text(&ret->prefix);
    case 'p':
        return parse_count(&ret->port);
    case 'c':
        return parse_count(&ret->connections);
    case 'P':
        return parse_count(&ret->pipeline);
    case 'k':
        return parse_count(&ret->keys);
    case 's':
        return parse_count(&ret->seconds);
    case 't':
        return parse_count(&ret->timeout);
    case 'l':
        return parse_bulk(WORKLOAD_LOAD, ret);
    case 'v':
        return parse_bulk(WORKLOAD_VERIFY, ret);
    case 'i':
        ret->seconds = 0;
        return 0;
    case 'H':
        fputs(usage, stdout);
        return 1;
    default:
        fputs("Try 'kvd-check --help'.\n", stderr);
        return 2;
    }
}

int check_options_parse(int argc, char **argv, struct check_options *ret)
{
    int status = 0, option;

    *ret = (struct check_options) { .host = "127.0.0.1",
        .port = 6379,
        .prefix = "check",
        .connections = 8,
        .pipeline = 16,
        .keys = 100,
        .seconds = 5,
        .timeout = 30 };
    while (status == 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        status = parse_option(option, ret);
    if (status == 0 && optind < argc) {
        fprintf(stderr, "kvd-check: unexpected argument %s\n", argv[optind]);
        status = 2;
    }
    return status;
}
