/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small things about processes: how one ended, in words, and ending what a service left behind.
 */
#ifndef SEFD_PROCESS_H
#define SEFD_PROCESS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCESS_END_MAX = 96 };

/** How a process ended: "exited with status 3", "was killed by signal 9 (Killed)". A NULL `info`,
 * of a process that was not our child yet, gives "ended". Returns buf. */
const char *process_end(const siginfo_t *info, char buf[static PROCESS_END_MAX]);

/** Open a pidfd, close-on-exec, and write it to `ret`; -1 where the system has none. Returns 0 or
 * negative errno: -ESRCH when there is no such process. */
__attribute__((warn_unused_result)) int process_open(pid_t pid, int *ret);

/** When a process started, in clock ticks since boot: tells it from others that had or will have its id. 0 if
 * there is none. */
uint64_t process_start(pid_t pid);

/** The user and the group whose rights a process has. Returns 0 or -ESRCH. */
__attribute__((warn_unused_result)) int process_user(pid_t pid, uid_t *uid, gid_t *gid);

/** The parent of a process, 0 if it is not known. */
pid_t process_parent(pid_t pid);

/** Send a signal, by pidfd unless that is -1; `pid` must then be a child that was not reaped. A
 * process that has gone is no error. Returns 0 or negative errno. */
int process_signal(pid_t pid, int pidfd, int signal);

/** Kill every child of this process that is in the session `sid`: what a service's end left to
 * the subreaper. Children are not reaped here, so that no process id can change its owner
 * meanwhile. */
void process_kill_session(pid_t sid);

/** Kill every process of the session `sid`, whoever its parent is. Another session may have its number by now, unless
 * one of its processes lived until this moment: then `mark`, else NULL, is a line of the environment that those to
 * kill began with. */
void process_kill_strangers(pid_t sid, const char *mark);

#endif
