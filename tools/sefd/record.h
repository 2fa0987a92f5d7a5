/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the next daemon must know of a service: one file a service, RUNTIME/services/LABEL.
 *
 * Files are written whole and renamed into place, so that a daemon that is killed at any time leaves good
 * ones. They are read once, when a daemon starts. The directory is the daemon's alone, yet all that is read is
 * checked: a file may be of another release.
 */
#ifndef SEFD_RECORD_H
#define SEFD_RECORD_H

#include <stdbool.h>
#include <stddef.h>

struct daemon;
struct service;

/** Prepare the directory, and see to it that what record_touch() notes is written before the loop sleeps, a
 * service each time around it. Returns 0 or a negative errno value, logged. */
__attribute__((warn_unused_result)) int records_init(struct daemon *daemon);
void records_deinit(struct daemon *daemon);

/** Make services of all records. One that cannot be read is logged and left alone. Returns how many cannot. */
size_t records_read(struct daemon *daemon);

/** Something that the record tells has changed. */
void record_touch(struct service *service);
/** Write it now, where the next step must not be taken by a daemon that could forget it. */
void record_write(struct service *service);
void records_write(struct daemon *daemon);
/** True if something that was touched is not written yet. */
bool records_wait(const struct daemon *daemon);
/** The service is no more. */
void record_remove(const struct service *service);

#endif
