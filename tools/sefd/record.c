/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Records of services: writing and reading of the files.
 */
#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "record_json.h"
#include "service.h"

static int path_of(const struct daemon *daemon, const char *label, char ret[static PATH_MAX])
{
    int n = snprintf(ret, PATH_MAX, "%s/services/%s", daemon->runtime_dir, label);
    return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* ---- Writing ----------------------------------------------------------------------------- */

static int write_file(const char *path, const json_t *record)
{
    char part[PATH_MAX + 8];
    snprintf(part, sizeof part, "%s~", path); /* no label has this character */
    if (json_dump_file(record, part, JSON_COMPACT | JSON_SORT_KEYS) != 0)
        return errno ? -errno : -EIO;
    return rename(part, path) < 0 ? -errno : 0;
}

void record_write(struct service *service)
{
    char path[PATH_MAX];
    service->unsaved = false;
    int r = path_of(service->daemon, service->label, path);
    json_t *record = r == 0 ? record_to_json(service) : NULL;
    if (r == 0)
        r = record ? write_file(path, record) : -ENOMEM;
    json_decref(record);
    if (r == 0)
        service->recorded = true;
    else
        log_error("%s: cannot write what the next sefd should know of it: %s", service->label,
            strerror(-r));
}

static void write_in_turn(struct daemon *daemon);

/* One a turn: services that are updated as one all change at once, and a disk takes milliseconds for each. */
static int on_turn(sd_event_source *source, void *data)
{
    struct daemon *daemon = data;
    struct service *s = daemon->services;
    (void) source;
    daemon->records = sd_event_source_unref(daemon->records);
    while (s && !s->unsaved)
        s = s->next;
    if (s)
        record_write(s);
    while (s && !s->unsaved)
        s = s->next;
    if (s)
        write_in_turn(daemon);
    return 0;
}

static void write_in_turn(struct daemon *daemon)
{
    if (daemon->event && !daemon->records &&
        daemon_turn(daemon, &daemon->records, on_turn, daemon) < 0)
        records_write(daemon);
}

void record_touch(struct service *service)
{
    service->unsaved = true;
    write_in_turn(service->daemon);
}

void records_write(struct daemon *daemon)
{
    for (struct service *s = daemon->services; s; s = s->next) {
        if (s->unsaved)
            record_write(s);
    }
}

bool records_wait(const struct daemon *daemon)
{
    return daemon->records;
}

void record_remove(const struct service *service)
{
    char path[PATH_MAX];
    if (path_of(service->daemon, service->label, path) == 0)
        (void) unlink(path);
}

int records_init(struct daemon *daemon)
{
    char path[PATH_MAX];
    int r = path_of(daemon, "", path);
    if (r == 0 && mkdir(path, 0700) < 0 && errno != EEXIST)
        r = -errno;
    if (r < 0)
        log_error("directory of services %s: %s", path, strerror(-r));
    return r < 0 ? r : 0;
}

void records_deinit(struct daemon *daemon)
{
    daemon->records = sd_event_source_unref(daemon->records);
}

/* ---- Reading ----------------------------------------------------------------------------- */

/* Returns false if there is something that cannot be read. */
static bool read_one(struct daemon *daemon, const char *label)
{
    char path[PATH_MAX], why[RECORD_TEXT_MAX] = "";
    json_error_t error = { .text = "" };
    struct stat st;
    if (path_of(daemon, label, path) < 0 || lstat(path, &st) < 0)
        return true;
    json_t *record = NULL;
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_size > RECORD_SIZE_MAX)
        snprintf(why, sizeof why, "not a file that sefd wrote");
    else if (!(record = json_load_file(path, JSON_REJECT_DUPLICATES, &error)))
        snprintf(why, sizeof why, "%s", error.text);
    else
        (void) record_from_json(daemon, label, record, why);
    json_decref(record);
    if (why[0])
        log_error("%s: what an earlier sefd knew of it is lost: %s: %s", label, path, why);
    return !why[0];
}

size_t records_read(struct daemon *daemon)
{
    char path[PATH_MAX];
    size_t bad = 0;
    DIR *dir = path_of(daemon, "", path) == 0 ? opendir(path) : NULL;
    if (!dir)
        return 0;
    for (const struct dirent *entry; (entry = readdir(dir)) && daemon->n_services < SERVICES_MAX;) {
        if (label_is_valid(entry->d_name))
            bad += !read_one(daemon, entry->d_name);
    }
    closedir(dir);
    return bad;
}
