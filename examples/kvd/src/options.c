/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line.
 */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "version.h"

static const char usage[] = "usage: kvd [OPTION]...\n"
                            "A key-value server that speaks the Redis protocol.\n\n"
                            "  --port N           TCP port; 0 for any (default 6379), -1 for none\n"
                            "  --bind ADDRESS     IPv4 address to listen on (default 127.0.0.1)\n"
                            "  --port-file FILE   write the port there once the server listens\n"
                            "  --unixsocket PATH  listen on a Unix socket too\n"
                            "  --version, --help\n";

static const struct option long_options[] = {
    { "port", required_argument, NULL, 'p' },
    { "bind", required_argument, NULL, 'b' },
    { "port-file", required_argument, NULL, 'f' },
    { "unixsocket", required_argument, NULL, 'u' },
    { "version", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { 0 },
};

static int parse_port(const char *text, int *ret)
{
    char *end;
    long port = strtol(text, &end, 10);

    if (end == text || *end || port < -1 || port > 65535) {
        fprintf(stderr, "kvd: %s: not a port\n", text);
        return 2;
    }
    *ret = (int) port;
    return 0;
}

static int parse_option(int option, struct options *ret)
{
    switch (option) {
    case 'p':
        return parse_port(optarg, &ret->port);
    case 'b':
        ret->bind = optarg;
        return 0;
    case 'f':
        ret->port_file = optarg;
        return 0;
    case 'u':
        ret->unix_path = optarg;
        return 0;
    case 'v':
        puts("kvd " KVD_VERSION);
        return 1;
    case 'h':
        fputs(usage, stdout);
        return 1;
    default:
        fputs("Try 'kvd --help'.\n", stderr);
        return 2;
    }
}

int options_parse(int argc, char **argv, struct options *ret)
{
    int status = 0, option;

    *ret = (struct options) { .bind = "127.0.0.1", .port = 6379 };
    /* main runs again in each new version, but libc, with getopt's place in argv, lives on. */
    optind = 0;
    while (status == 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        status = parse_option(option, ret);
    if (status == 0 && optind < argc) {
        fprintf(stderr, "kvd: unexpected argument %s\n", argv[optind]);
        status = 2;
    }
    return status;
}
