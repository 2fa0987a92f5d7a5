/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Listening sockets in the service manager's store; see kept.h.
 */
#include "kept.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"

static bool name_of(const char *what, const char *path, char ret[static NOTIFY_NAME_MAX])
{
    struct stat st;
    if (lstat(path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    snprintf(ret, NOTIFY_NAME_MAX, "%s-%llx-%llx", what, (unsigned long long) st.st_dev,
        (unsigned long long) st.st_ino);
    return true;
}

void kept_add(const char *what, const char *path, int fd)
{
    char name[NOTIFY_NAME_MAX];
    int r = name_of(what, path, name) ? notify_store_push(name, fd) : -ENOENT;
    if (r < 0 && r != -EOPNOTSUPP)
        log_error("the service manager cannot keep %s: %s", path, strerror(-r));
}

static bool listens(int fd)
{
    int on = 0;
    socklen_t len = sizeof on;
    return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on;
}

int kept_take(struct notify_store *store, const char *what, const char *path)
{
    char name[NOTIFY_NAME_MAX];
    int fd;
    if (!name_of(what, path, name) || notify_store_pop(store, name, &fd) < 0)
        return -1;
    if (listens(fd))
        return fd;
    close(fd);
    return -1;
}

void kept_remove(const char *what, const char *path)
{
    char name[NOTIFY_NAME_MAX];
    if (name_of(what, path, name))
        (void) notify_store_remove(name);
}

void kept_end(struct notify_store *store)
{
    for (size_t i = 0; i < store->n; i++) {
        if (store->fds[i] >= 0)
            (void) notify_store_remove(store->names[i]);
    }
    notify_store_deinit(store);
}
