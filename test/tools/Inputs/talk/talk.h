/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A service for tests of messages: what its files share. Everything that must outlive an update is in `talk`.
 */
#ifndef TALK_H
#define TALK_H

#include <stdbool.h>
#include <stdint.h>

#include <sef/ipc.h>
#include <sef/sef.h>

#include "version.h"

enum { TALK_PEERS = 8, TALK_STOP = 99 };

enum mode { MODE_ASKED, MODE_SOURCE, MODE_SINK, MODE_SINK_CALLBACK };

struct peer {
    endpoint_t endpoint;
    int64_t last;  /**< number in its last message */
    int64_t notes; /**< notifications */
};

struct talk {
    enum mode mode;
    int listener, conn; /**< of the test */
    bool callback;      /**< keep what comes for "got" */
    int reached;        /**< what the test of custom states says */
    VERSION_DATA
    char got[4096];
    /* source */
    endpoint_t to;
    int64_t next, end, notes;
    /* sink */
    struct peer peers[TALK_PEERS];
    int64_t received;
    /* both */
    int64_t errors;
    char error[128]; /**< the first */
};

extern struct talk talk;

/** Answer the test. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
int64_t number_of(const message *m);
message message_of(int type, int64_t number);
void fault(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** One step of the source: the next number, sent in one of the ways there are. */
void source_step(void);
/** Close all descriptors but the test's, and open others; at a time that TALK_CLOSES may name. */
void close_all(void);
void close_all_at(const char *when);
/** Whether nobody touched those. */
bool others_are_kept(void);
/** A message for the sink. */
void sink_take(message *m, int status);

#endif
