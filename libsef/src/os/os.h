/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What libsef asks of the operating system beyond plain libc calls.
 *
 * Functions return OK or a positive errno value unless they say otherwise.
 */
#ifndef SEF_OS_H
#define SEF_OS_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>
#include <sys/types.h>

/* ---- Time --------------------------------------------------------------------------------- */

#define SEF__NS_PER_MS 1000000u

/** CLOCK_MONOTONIC in nanoseconds. */
uint64_t sef__os_now(void);
/** `timeout` of poll(2) as a point in time; negative: UINT64_MAX. */
uint64_t sef__os_deadline(int timeout);
/** A point in time as `timeout` of poll(2), rounded up; UINT64_MAX: -1. */
int sef__os_timeout(uint64_t deadline);

/** The three interval timers, which a fork does not take along. */
struct sef__timers {
    struct itimerval timer[3];
};

/** Read the timers; they go on. */
void sef__os_timers_get(struct sef__timers *ret);
/** Read and stop the timers. */
void sef__os_timers_stop(struct sef__timers *ret);
/** Start the timers that were running, `elapsed` nanoseconds after they were read. One that would
 * have expired since then expires at once. */
void sef__os_timers_start(const struct sef__timers *timers, uint64_t elapsed);

/* ---- Signals ------------------------------------------------------------------------------ */

/** What a freeze changed. */
struct sef__freeze {
    sigset_t mask;         /**< of the service */
    struct sigaction chld; /**< of the service, for SIGCHLD */
    bool auto_reap;        /**< the service has the kernel reap its children */
};

/** Keep signals from the service: all but those of faults are blocked and stay pending. Children
 * can be waited for, whatever the service does with SIGCHLD. */
void sef__os_freeze(struct sef__freeze *ret);
/** Undo in the fork, which has no children and no pending signals. */
void sef__os_thaw_new(const struct sef__freeze *freeze);
/** Undo in the frozen process. `child` (0: none) was reaped by us: a SIGCHLD that it caused is
 * dropped, one of another child stays. */
void sef__os_thaw_old(const struct sef__freeze *freeze, pid_t child);
/** Send all pending signals of this process to the process `to` instead. */
void sef__os_forward_signals(pid_t to);

/** Handle fatal signals that the service leaves to the system, on an alternate stack, with all
 * signals blocked. Errors: ENOMEM; others of sigaction(2) and sigaltstack(2). */
int sef__os_fatal_handle(void (*handler)(int, siginfo_t *, void *));
/** In such a handler: have the process die of the signal when the handler returns. */
void sef__os_fatal_die(int sig, const siginfo_t *info);
/** The address of the code that a signal interrupted. */
uintptr_t sef__os_context_pc(const void *context);
/** Set the signal mask of the code that a signal interrupted. */
void sef__os_context_unmask(const void *context);
/** Do with a signal what the system does by default; it may end the process. */
void sef__os_default_signal(int sig);

/* ---- Processes ---------------------------------------------------------------------------- */

/** fork(2) without fork handlers and without locks: for a handler of a fatal signal. */
pid_t sef__os_fork_bare(void);
/** Number of threads of this process. Errors: ENOENT and others when /proc is not there. */
int sef__os_thread_count(unsigned *ret);
/** Whether the calling thread is the main thread. */
bool sef__os_on_main_thread(void);
/** Whether a child has ended; then it is reaped and `*status` is its wait(2) status. Does not wait. */
bool sef__os_reap_ended(pid_t child, int *status);
/** Wait for a child, over interruptions. Returns its wait(2) status. */
int sef__os_reap(pid_t child);

/* ---- Files -------------------------------------------------------------------------------- */

/** The contents of a file, in memory of its own; all zero: none. */
struct sef__file {
    char *text;
    size_t len;
    size_t size; /**< of the mapping */
};

/** Which file a descriptor is of. */
struct sef__file_id {
    uint64_t dev, ino;
};

/** Fill in, or all zero if there is no such descriptor. */
struct sef__file_id sef__os_file_id(int fd);
/** Read a file of up to `max` bytes, without waiting for the writer of a pipe.
 * Errors: EFBIG it has more; others of open(2), read(2), mmap(2). */
int sef__os_file_read(const char *path, size_t max, struct sef__file *ret);
/** Give the memory back; all zero afterwards. */
void sef__os_file_drop(struct sef__file *file);
/** Open a file for reading. Returns -1 with errno. */
int sef__os_file_open(const char *path);
/** Whether the first byte of a file is this one now. */
bool sef__os_file_begins(int fd, char byte);

/* ---- Memory ------------------------------------------------------------------------------- */

/** Get zeroed memory that is backed already where the system can do that. `size` is whole pages.
 * Errors: ENOMEM; others of mmap(2), madvise(2). */
int sef__os_memory_get(size_t size, void **ret);
/** Give memory of sef__os_memory_get(), or whole pages of it, back. */
void sef__os_memory_put(void *memory, size_t size);

/** Whether all of [addr, addr + size) can be read, or written, without a fault.
 * Errors: EFAULT; others of process_vm_readv(2). A write probe stores what is there already, so
 * nobody else may be writing to the range. */
int sef__os_probe(uintptr_t addr, size_t size, bool write);

#endif
