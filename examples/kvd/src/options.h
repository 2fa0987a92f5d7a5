/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line.
 */
#ifndef KVD_OPTIONS_H
#define KVD_OPTIONS_H

struct options {
    const char *bind;      /**< IPv4 address */
    int port;              /**< 0: any; -1: no TCP */
    const char *port_file; /**< where the port is written; NULL: nowhere */
    const char *unix_path; /**< NULL: no Unix socket */
};

/** Read the command line. Returns 0 to go on, 1 after --help or --version, 2 after an error;
 * messages were printed. */
int options_parse(int argc, char **argv, struct options *ret);

#endif
