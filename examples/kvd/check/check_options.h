/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line of kvd-check.
 */
#ifndef KVD_CHECK_OPTIONS_H
#define KVD_CHECK_OPTIONS_H

#include <stdint.h>

#include "workload.h"

struct check_options {
    const char *host;      /**< IPv4 address */
    const char *unix_path; /**< a Unix socket in place of TCP; NULL: none */
    const char *prefix;    /**< of the checker's own keys */
    enum workload_kind kind;
    uint32_t port, connections, pipeline, keys;
    uint32_t seconds; /**< 0: until a signal comes */
    uint32_t timeout; /**< seconds to wait for a batch of replies */
    uint64_t n_bulk;
};

/** Read the command line. Returns 0 to go on, 1 after --help, 2 after an error; messages were
 * printed. */
int check_options_parse(int argc, char **argv, struct check_options *ret);

#endif
