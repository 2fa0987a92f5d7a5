/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Commands: the table each version has (commands.c), and the functions it is made of.
 */
#ifndef KVD_COMMAND_H
#define KVD_COMMAND_H

#include "resp.h"
#include "server.h"
#include "store.h"

/** Run a request and append exactly one reply to the connection's output. */
typedef void command_fn(struct server *s, struct conn *c, const struct request *r);

struct command {
    const char *name; /**< lower case; NULL ends the table */
    command_fn *run;
    int min_args, max_args; /**< with the name itself; max_args 0: any number */
};

/** This version's commands. */
extern const struct command kvd_commands[];
/** This version's own lines of INFO. */
void info_version(struct server *s, struct buffer *text);
/** One line of CLIENT LIST, without newline. */
void client_describe(struct server *s, const struct conn *c, struct buffer *text);

/** Find and run a request's command. */
void command_dispatch(struct server *s, struct conn *c, const struct request *r);
/** Requests this thread dispatched to no command. */
uint64_t command_rejected(void);

/* Error replies that several commands give. */
#define ERR_SYNTAX  "ERR syntax error"
#define ERR_NOT_INT "ERR value is not an integer or out of range"
#define ERR_MEMORY  "OOM command not allowed when out of memory"

/* cmd_string.c */
command_fn cmd_get, cmd_set, cmd_incr;
/* cmd_key.c */
command_fn cmd_del, cmd_exists, cmd_expire, cmd_ttl, cmd_dbsize, cmd_flushall;
/* cmd_server.c */
command_fn cmd_ping, cmd_echo, cmd_quit, cmd_select, cmd_info, cmd_command, cmd_config, cmd_client;

#endif
