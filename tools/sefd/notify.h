/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service manager that runs the daemon, if one does: what it is told, and its store of
 * descriptors.
 *
 * systemd keeps descriptors that a service hands it, each under a name, and hands them back when the
 * service is started again, also after a crash. Without a manager everything here does nothing and
 * succeeds, but for descriptors, which are not kept.
 */
#ifndef SEFD_NOTIFY_H
#define SEFD_NOTIFY_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <systemd/sd-event.h>

enum { NOTIFY_NAME_MAX = 255 /**< bytes of a descriptor's name without the zero */ };

/** Descriptors that the manager had kept, in the order in which it handed them over. */
struct notify_store {
    int *fds;     /**< -1: popped */
    char **names; /**< owned */
    size_t n;
};

/** Take over the descriptors that the manager handed to this process, which must be the one that it
 * started; later calls find none. Returns 0 or a negative errno value; notify_store_deinit() is needed
 * either way. */
__attribute__((warn_unused_result)) int notify_store_init(struct notify_store *store);

/** Close what was not popped. It stays in the manager's store. */
void notify_store_deinit(struct notify_store *store);

/** Take the first descriptor with a name; `*ret` is the caller's, and is close-on-exec.
 * Errors: -ENOENT if there is none. */
__attribute__((warn_unused_result)) int notify_store_pop(
    struct notify_store *store, const char *name, int *ret);

/** Have the manager keep a duplicate of `fd`, which must not be of a regular file. Several can have
 * one name; the manager drops those that its peer has closed.
 * Errors: -EINVAL not a name (1 to 255 printable ASCII characters, no colon); -EOPNOTSUPP no
 *   manager; what sendmsg(2) says. That it was kept is not known: its store may be full. */
__attribute__((warn_unused_result)) int notify_store_push(const char *name, int fd);

/** Have the manager drop all descriptors with a name. Errors: -EINVAL. */
__attribute__((warn_unused_result)) int notify_store_remove(const char *name);

/** Send the manager signs of life from the event loop, if it wants them. Returns the time in
 * microseconds within which it wants one, 0 if none, or a negative errno value. */
int64_t notify_watchdog(sd_event *event);

/** Tell that the daemon works, and in which process from now on, if that is another one. */
void notify_ready(const char *status);
void notify_main_pid(pid_t pid);

/** Tell that the daemon replaces itself, until notify_ready(); and that it ends. */
void notify_reloading(void);
void notify_stopping(void);

#endif
