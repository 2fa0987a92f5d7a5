/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A function on several cores, without libc's threads.
 *
 * libc must not learn that this process ever had a second thread: its allocator and stdio would
 * use locks from then on, for the rest of the service's life. So the helpers are bare kernel
 * threads on small stacks, without a thread-local block of their own.
 */
#ifndef MAGIC_OS_PARALLEL_H
#define MAGIC_OS_PARALLEL_H

/** Number of cores this process may use, at least 1. */
unsigned magic__os_cores(void);

/** Call run(ctx) on `n` cores at once, the calling one among them; returns when all have.
 *
 * `run` must not allocate, use thread-local data or anything of libc that does; signals are blocked
 * meanwhile. Where a thread cannot be had, fewer take part, but always the calling one. */
void magic__os_parallel(unsigned n, void (*run)(void *ctx), void *ctx);

#endif
