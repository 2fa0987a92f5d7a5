/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Plays the supervisor to one service process, for tests of libsef.
 *
 * The service's standard input takes one-character commands and its standard output gives lines;
 * both stay with the service over updates, as a client's connection would. Every wait is for an
 * event and fails the test if it does not come within a generous limit.
 */
#ifndef DRIVER_H
#define DRIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <cmocka.h>

#include <sef/sef.h>
#include <sef/wire.h>

struct service {
    pid_t pid;         /**< the process that was started; 0 once it was waited for */
    int control;       /**< the supervisor's end */
    uint32_t serial;   /**< sent with every packet, expected of replies to RS_LU_PREPARE */
    int commands;      /**< to the service's standard input */
    int output;        /**< from the service's standard output */
    char buffer[4096]; /**< output not yet taken */
    size_t buffered;
};

/** Where services that are started from now on look for the next supervisor; NULL: nowhere. */
extern const char *service_resume_path;

/** Start `program` with one argument and a control socket, as child subreaper. */
void service_start(struct service *s, const char *program, const char *arg);
/** Start and bring through a fresh initialisation as endpoint 7. */
void service_start_fresh(struct service *s, const char *program, const char *arg);
/** End what is left of the service and close everything. */
void service_end(struct service *s);

void service_send(struct service *s, int type, int state, int flags, const char *text);
/** RS_INIT of a restart. */
void service_send_restart(struct service *s, int restarts);
/** RS_LU_START with a time limit. */
void service_send_start(struct service *s, int flags, uint32_t limit_ms, const char *path);
/** Prepare for WORK_FREE and see the service ready. */
void service_make_ready(struct service *s, int flags);
/** Take the next packet, check it, and see that it is of this type and result. */
struct sef_packet service_expect(struct service *s, int type, int result);
/** The same, with this text. */
struct sef_packet service_expect_text(struct service *s, int type, int result, const char *text);
/** See that the service closed its control socket. */
void service_expect_hangup(struct service *s);

void service_command(struct service *s, char command);
/** Take the next line of output and see that it is this. */
void service_expect_line(struct service *s, const char *line);
/** Give a command and see its answer. */
void service_ask(struct service *s, char command, const char *line);
/** Take a line "WORD NUMBER" and return the number. */
long service_take_number(struct service *s, const char *word);
/** Give a command and take the number that answers it. */
long service_ask_number(struct service *s, char command, const char *word);
/** Take this line, before which a wait may have been interrupted by a signal. */
void service_expect_signal(struct service *s, const char *line);
/** Wait until the process `pid`, a child or adopted one, ended. Returns its status. */
int service_wait(struct service *s, pid_t pid);
/** See that nothing of the service's processes is left and nobody holds its output. */
void service_expect_gone(struct service *s);

#endif
