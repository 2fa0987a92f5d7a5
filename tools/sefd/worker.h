/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Work beside the event loop: a thread that reads and copies files while the daemon goes on answering.
 *
 * Jobs are done one after the other. One that runs shares nothing with the daemon but what it was given.
 */
#ifndef SEFD_WORKER_H
#define SEFD_WORKER_H

struct daemon;
struct worker;

/** A piece of work, the first member of what it needs and finds. */
struct job {
    struct job *next;
    void (*run)(struct job *job); /**< in the thread */
    /** In the event loop, or when the daemon ends and it was not run. Frees it. */
    void (*done)(struct job *job);
};

/** Have a job run; the thread begins with the first one. Returns 0, or a negative errno value with the job
 * untouched. */
__attribute__((warn_unused_result)) int worker_submit(struct daemon *daemon, struct job *job);

/** End the thread after the job that it runs. What waits for jobs must have gone. NULL is none. */
void worker_destroy(struct worker *worker);

#endif
