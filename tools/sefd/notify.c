/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service manager; see notify.h.
 */
#include "notify.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

int notify_store_init(struct notify_store *store)
{
    *store = (struct notify_store) { 0 };
    int n = sd_listen_fds_with_names(true, &store->names);
    if (n <= 0)
        return n;
    store->fds = malloc((size_t) n * sizeof *store->fds);
    if (!store->fds) {
        for (int i = 0; i < n; i++)
            close(SD_LISTEN_FDS_START + i);
        return -ENOMEM;
    }
    for (int i = 0; i < n; i++)
        store->fds[i] = SD_LISTEN_FDS_START + i;
    store->n = (size_t) n;
    return 0;
}

void notify_store_deinit(struct notify_store *store)
{
    for (size_t i = 0; i < store->n; i++) {
        if (store->fds[i] >= 0)
            close(store->fds[i]);
    }
    for (char **name = store->names; name && *name; name++)
        free(*name);
    free(store->names);
    free(store->fds);
    *store = (struct notify_store) { 0 };
}

int notify_store_pop(struct notify_store *store, const char *name, int *ret)
{
    for (size_t i = 0; i < store->n; i++) {
        if (store->fds[i] < 0 || strcmp(store->names[i], name) != 0)
            continue;
        *ret = store->fds[i];
        store->fds[i] = -1;
        return 0;
    }
    return -ENOENT;
}

static bool is_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > NOTIFY_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (name[i] <= ' ' || name[i] > '~' || name[i] == ':')
            return false;
    }
    return true;
}

/* "FIELD=1\nFDNAME=NAME". */
static int send_named(const char *field, const char *name, const int *fd)
{
    char text[NOTIFY_NAME_MAX + 64];
    if (!is_name(name))
        return -EINVAL;
    snprintf(text, sizeof text, "%s=1\nFDNAME=%s", field, name);
    return sd_pid_notify_with_fds(0, false, text, fd, fd ? 1 : 0);
}

int notify_store_push(const char *name, int fd)
{
    int r = send_named("FDSTORE", name, &fd);
    return r > 0 ? 0 : r == 0 ? -EOPNOTSUPP : r;
}

int notify_store_remove(const char *name)
{
    int r = send_named("FDSTOREREMOVE", name, NULL);
    return r > 0 ? 0 : r;
}

int64_t notify_watchdog(sd_event *event)
{
    uint64_t usec;
    int r = sd_watchdog_enabled(false, &usec);
    if (r > 0)
        r = sd_event_set_watchdog(event, true);
    return r > 0 ? (int64_t) usec : r;
}

void notify_ready(const char *status)
{
    sd_notifyf(false, "READY=1\nSTATUS=%s", status);
}

void notify_main_pid(pid_t pid)
{
    sd_notifyf(false, "MAINPID=%ld", (long) pid);
}

void notify_reloading(void)
{
    sd_notify(false, "RELOADING=1");
}

void notify_stopping(void)
{
    sd_notify(false, "STOPPING=1");
}
