/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services of an earlier daemon, and how they come back.
 *
 * Each service knows the socket RUNTIME/resume, and connects there when its own socket is at its end. It is
 * known by its process: the one of its record, or, when that has gone, one of its session, which is the
 * new version that an update had made, or the replica that a crash had left.
 */
#ifndef SEFD_RESUME_H
#define SEFD_RESUME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct daemon;
struct resume;
struct service;

/** Listen for services. Returns 0 or a negative errno value, logged. `inherited` is a listening socket of the
 * program that this process ran before, or -1; it is taken over. */
__attribute__((warn_unused_result)) int resume_create(
    struct daemon *daemon, int inherited, struct resume **ret);
void resume_destroy(struct resume *resume);

/** Where services are to look for the next daemon. */
const char *resume_path(const struct resume *resume);
/** The listening socket. */
int resume_fd(const struct resume *resume);

/** A service was made of a record: track its process, `pid`, which started at `pid_start`, if it is still
 * there; else wait a little for its successor, if it may have one. */
void resume_expect(struct service *service, pid_t pid, uint64_t pid_start, bool ended);

/** The tracked process has ended. Returns true if another one may still come in its place: the new version of
 * an update that an earlier daemon began, or a replica. */
__attribute__((warn_unused_result)) bool resume_instance_ended(struct service *service);

#endif
