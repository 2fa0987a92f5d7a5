/* SPDX-License-Identifier: BSD-2-Clause
 *
 * An update as the old instance sees it: sef_update_old.c begins and ends it, sef_update_watch.c
 * follows it in between.
 */
#ifndef SEF_UPDATE_OLD_H
#define SEF_UPDATE_OLD_H

#include "sef_internal.h"

struct update {
    struct sef__inherit inherit;
    uint64_t ready_time; /**< when the service stopped working */
    uint64_t deadline;
    uint64_t ns_fork;
    uint32_t limit_ms;
    pid_t pid; /**< the new instance, 0 before it was forked */
    bool reaped;
    int status;   /**< of wait(2), once it was reaped */
    int link;     /**< -1: it closed its end */
    int decision; /**< file, of an update of several services, or -1 */
    int refused;  /**< OK, or why the request cannot be carried out: its text is in the report */
    int phase;    /**< enum sef__phase the new instance is in */
    size_t log_len;
    char log[SEF_WIRE_TEXT_MAX]; /**< what it logged, one message a line */
    struct sef_packet report;    /**< text and statistics for the supervisor */
};

/** Set the text of the report. Returns `error`. */
int sef__update_fail(struct update *u, int error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/** Watch the new instance and the supervisor until the update is decided. Returns OK when the new
 * instance may have the service (or has passed its rehearsal), else the reason for the rollback,
 * with its text in the report. */
int sef__update_watch(struct update *u);
/** Whether the new instance has ended by itself; then it is reaped. */
bool sef__update_ended(struct update *u);

#endif
