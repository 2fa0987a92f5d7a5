/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The directory of unit files.
 */
#include "units.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "service.h"
#include "standby.h"
#include "trust.h"
#include "unit.h"

static void unit_destroy(struct unit *unit)
{
    service_config_deinit(&unit->config);
    free(unit->text);
    free(unit->error);
    free(unit);
}

static void destroy_list(struct unit *list)
{
    while (list) {
        struct unit *next = list->next;
        unit_destroy(list);
        list = next;
    }
}

static struct unit *find(struct unit *list, const char *label)
{
    while (list && strcmp(list->label, label) != 0)
        list = list->next;
    return list;
}

struct unit *units_find(const struct daemon *daemon, const char *label)
{
    return find(daemon->units, label);
}

/* ---- Reading ----------------------------------------------------------------------------- */

/* An error as one line: FILE:LINE: text. The caller frees it. */
static char *error_line(const json_t *error)
{
    const char *file = json_string_value(json_object_get(error, "file")),
               *text = json_string_value(json_object_get(error, "text"));
    json_int_t line = json_integer_value(json_object_get(error, "line"));
    char *ret;
    int n = line ? asprintf(&ret, "%s:%d: %s", file ? file : "", (int) line, text ? text : "")
                 : asprintf(&ret, "%s: %s", file ? file : "", text ? text : "");
    return n < 0 ? NULL : ret;
}

/* The new settings of a file reach the service that runs by it. What runs stays, unless the file names
 * another program now: that counts when the service starts again. */
static void apply(struct daemon *daemon, const struct unit *unit, const struct unit *old)
{
    struct service *service = service_find(daemon, unit->label);
    if (!service || !service->config.unit || !old || !old->text ||
        strcmp(old->text, unit->text) == 0)
        return;
    struct service_config config;
    service_config_init(&config);
    int r = service_config_copy(&config, &unit->config);
    if (r == 0 && strcmp(unit->config.image, old->config.image) == 0)
        r = service_config_set(&config.image, service->config.image);
    if (r == 0 && strcmp(config.image, unit->config.image) != 0)
        config.image_asked = service->config.image_asked;
    if (unit->config.asr_count == old->config.asr_count)
        config.asr_count = service->config.asr_count;
    if (r < 0) {
        log_error("%s: %s", unit->label, strerror(-r));
        service_config_deinit(&config);
        return;
    }
    config.no_restart |= service->once;
    standby_destroy(service);
    service_config_deinit(&service->config);
    service->config = config;
    service_configured(service);
}

static struct unit *unit_new(const char *label)
{
    struct unit *unit = calloc(1, sizeof *unit);
    if (!unit)
        return NULL;
    snprintf(unit->label, sizeof unit->label, "%s", label);
    service_config_init(&unit->config);
    return unit;
}

/* Read one file into a unit. `old` is what was known of it, or NULL. */
static void load_file(struct daemon *daemon, struct unit *unit, const char *path,
    const struct unit *old, json_t *errors)
{
    size_t before = json_array_size(errors);
    if (unit_read(path, &unit->config, &unit->text, errors) == 0) {
        apply(daemon, unit, old);
        return;
    }
    unit->error = error_line(json_array_get(errors, before));
    if (old && old->text && service_config_copy(&unit->config, &old->config) == 0)
        unit->text = strdup(old->text);
}

/* Read a file if it is a unit. Returns true if that makes the list longer. */
static bool load_name(struct daemon *daemon, const char *name, struct unit **list, json_t *errors)
{
    char path[PATH_MAX], label[LABEL_MAX + 1];
    int r = unit_label(name, label);
    if (r == -ENOENT)
        return false;
    if (snprintf(path, sizeof path, "%s/%s", daemon->units_dir, name) >= (int) sizeof path)
        r = -ENAMETOOLONG;
    struct unit *same = find(*list, label), *unit = NULL;
    if (r == -EINVAL)
        unit_error(errors, path, 0, "its name is not that of a label");
    else if (r == 0 && same)
        unit_error(errors, path, 0, "another file has the unit %s", label);
    else if (r == 0 && !(unit = unit_new(label)))
        r = -ENOMEM;
    if (r == -ENAMETOOLONG || r == -ENOMEM)
        unit_error(errors, name, 0, "%s", strerror(-r));
    if (!unit)
        return false;
    load_file(daemon, unit, path, units_find(daemon, label), errors);
    while (*list)
        list = &(*list)->next;
    *list = unit;
    return true;
}

static int check_directory(const char *path, json_t *errors)
{
    char why[TRUST_TEXT_MAX];
    int r = trust_directory(path, why);
    if (r == -EPERM)
        unit_error(errors, path, 0, "%s", why);
    return r;
}

static void log_errors(const json_t *errors)
{
    size_t i;
    json_t *error;
    json_array_foreach(errors, i, error)
    {
        char *line = error_line(error);
        log_error("%s", line ? line : "out of memory");
        free(line);
    }
}

/* The names of a directory in order, so that errors come in order and the first of two wins. Negative
 * when it cannot be read. */
static int list_names(const char *path, struct dirent ***ret, json_t *errors, bool optional)
{
    int r = check_directory(path, errors);
    if (r == -ENOENT && optional)
        return 0;
    int n = r == 0 ? scandir(path, ret, NULL, alphasort) : -1;
    if (n < 0 && r != -EPERM)
        unit_error(errors, path, 0, "%s", strerror(r ? -r : errno));
    return n;
}

void units_load(struct daemon *daemon, json_t *errors)
{
    struct dirent **names = NULL;
    struct unit *list = NULL;
    bool optional = !daemon->options.units_dir;
    int n = list_names(daemon->units_dir, &names, errors, optional), units = 0;
    for (int i = 0; i < n; i++) {
        if (units < UNITS_MAX)
            units += load_name(daemon, names[i]->d_name, &list, errors);
        free(names[i]);
    }
    free(names);
    if (units == UNITS_MAX)
        unit_error(
            errors, daemon->units_dir, 0, "units beyond the first %d are left out", UNITS_MAX);
    log_errors(errors);
    if (n < 0)
        return;
    destroy_list(daemon->units);
    daemon->units = list;
}

void units_start(struct daemon *daemon)
{
    for (const struct unit *unit = daemon->units; unit; unit = unit->next) {
        const struct service *service = service_find(daemon, unit->label);
        if (unit->text && unit->config.start && (!service || service->state == SERVICE_ENDED))
            service_up(daemon, NULL, unit->label, &unit->config, false);
    }
}

int units_dir(const struct daemon_options *options, char ret[static PATH_MAX])
{
    const char *home = getenv("XDG_CONFIG_HOME"), *more = "";
    if (options->units_dir)
        return snprintf(ret, PATH_MAX, "%s", options->units_dir) < PATH_MAX ? 0 : -ENAMETOOLONG;
    if (geteuid() == 0) {
        home = "/etc";
    } else if (!home || home[0] != '/') {
        home = getenv("HOME");
        more = "/.config";
    }
    int n = snprintf(ret, PATH_MAX, "%s%s/sef/units", home && home[0] == '/' ? home : "", more);
    return n < PATH_MAX ? 0 : -ENAMETOOLONG;
}

void units_deinit(struct daemon *daemon)
{
    destroy_list(daemon->units);
    daemon->units = NULL;
}
