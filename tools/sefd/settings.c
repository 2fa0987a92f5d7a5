/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Settings of a service by name: the table and the kinds of values.
 */
#include "settings.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "names.h"
#include "settings_words.h"

enum { DAY_MS = 24 * 3600 * 1000, RERANDOMIZE_DAYS = 365 };

struct setting {
    const char *name;
    /** Returns 0, or negative errno with `why` set; `field` is where the value goes. */
    int (*set)(struct service_config *config, void *field, const char *value, char *why);
    /** The value as text, the caller's to free; NULL: not shown. */
    char *(*get)(const struct service_config *config, const void *field);
    size_t offset;
    bool unit; /**< in unit files only */
};

__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...)
{
    char *ret;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&ret, format, args);
    va_end(args);
    return n < 0 ? NULL : ret;
}

/* ---- Kinds of values --------------------------------------------------------------------- */

static int parse_boolean(const char *value, bool *ret, char *why)
{
    static const char *const names[][2] = { { "no", "yes" }, { "false", "true" }, { "off", "on" },
        { "0", "1" } };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int b = 0; b < 2; b++) {
            if (strcmp(value, names[i][b]) == 0) {
                *ret = b;
                return 0;
            }
        }
    }
    return settings__bad(why, "is yes or no, not \"%.100s\"", value);
}

static int set_boolean(struct service_config *config, void *field, const char *value, char *why)
{
    (void) config;
    return parse_boolean(value, field, why);
}

static char *get_boolean(const struct service_config *config, const void *field)
{
    (void) config;
    return text("%s", *(const bool *) field ? "yes" : "no");
}

/* The member says the contrary of the setting. */
static int set_not(struct service_config *config, void *field, const char *value, char *why)
{
    bool b;
    (void) config;
    int r = parse_boolean(value, &b, why);
    if (r == 0)
        *(bool *) field = !b;
    return r;
}

static char *get_not(const struct service_config *config, const void *field)
{
    (void) config;
    return text("%s", *(const bool *) field ? "no" : "yes");
}

static char *get_ms(const struct service_config *config, const void *field)
{
    unsigned ms = *(const unsigned *) field;
    (void) config;
    return ms % 1000 ? text("%ums", ms) : text("%u", ms / 1000);
}

static int set_ms(struct service_config *config, void *field, const char *value, char *why)
{
    uint64_t ms;
    (void) config;
    if (span_parse(value, TIMEOUT_MAX_MS, &ms) < 0)
        return settings__bad(
            why, "is a duration as 500ms, 2s or 1m, up to an hour, or 0: \"%.100s\"", value);
    *(unsigned *) field = (unsigned) ms;
    return 0;
}

static int set_limit(struct service_config *config, void *field, const char *value, char *why)
{
    return set_ms(config, field, strcmp(value, "infinity") == 0 ? "0" : value, why);
}

static char *get_limit(const struct service_config *config, const void *field)
{
    return *(const unsigned *) field ? get_ms(config, field) : text("infinity");
}

static int set_days(struct service_config *config, void *field, const char *value, char *why)
{
    (void) config;
    if (span_parse(value, (uint64_t) RERANDOMIZE_DAYS * DAY_MS, field) < 0)
        return settings__bad(
            why, "is a duration as 90s, 30m, 12h or 7d, up to a year, or 0: \"%.100s\"", value);
    return 0;
}

static char *get_days(const struct service_config *config, const void *field)
{
    uint64_t ms = *(const uint64_t *) field;
    (void) config;
    return ms % 1000 ? text("%" PRIu64 "ms", ms) : text("%" PRIu64, ms / 1000);
}

static int set_number(struct service_config *config, void *field, const char *value, char *why)
{
    char *end;
    (void) config;
    errno = 0;
    unsigned long n = strtoul(value, &end, 10);
    if (errno || strspn(value, "0123456789") != strlen(value) || !*value || n > CONFIG_RESTARTS_MAX)
        return settings__bad(
            why, "is a number up to %d, not \"%.100s\"", CONFIG_RESTARTS_MAX, value);
    *(unsigned *) field = (unsigned) n;
    return 0;
}

static char *get_number(const struct service_config *config, const void *field)
{
    (void) config;
    return text("%u", *(const unsigned *) field);
}

static int set_size(struct service_config *config, void *field, const char *value, char *why)
{
    (void) config;
    if (size_parse(value, CONFIG_PREALLOC_MAX, field) < 0)
        return settings__bad(
            why, "is a size as 65536, 64K, 8M or 1G, up to 1T, not \"%.100s\"", value);
    return 0;
}

static char *get_size(const struct service_config *config, const void *field)
{
    (void) config;
    return text("%zu", *(const size_t *) field);
}

/* ---- Settings of their own kind ---------------------------------------------------------- */

static int set_policy(struct service_config *config, void *field, const char *value, char *why)
{
    (void) config;
    if (service_policy_parse(value, field) < 0)
        return settings__bad(why, "is restart, reset or none, not \"%.100s\"", value);
    return 0;
}

static char *get_policy(const struct service_config *config, const void *field)
{
    (void) field;
    return text("%s", service_policy_name(config->policy));
}

static int set_path(struct service_config *config, void *field, const char *value, char *why)
{
    (void) config;
    if (*value && (*value != '/' || strlen(value) >= PATH_MAX))
        return settings__bad(why, "is an absolute path, not \"%.100s\"", value);
    return service_config_set(field, *value ? value : NULL);
}

static char *get_path(const struct service_config *config, const void *field)
{
    const char *path = *(char *const *) field;
    (void) config;
    return path ? strdup(path) : NULL;
}

static int set_state(struct service_config *config, void *field, const char *value, char *why)
{
    int state;
    (void) field;
    if (state_parse(value, &state) < 0 || state == SEF_LU_STATE_EVAL)
        return settings__bad(why, "is the name or number of a state, not \"%.100s\"", value);
    config->state = state;
    return service_config_set(&config->expression, NULL);
}

static char *get_state(const struct service_config *config, const void *field)
{
    const char *name = state_name(config->state);
    (void) field;
    if (config->expression)
        return NULL;
    return name ? text("%s", name) : text("%d", config->state);
}

static int set_expression(struct service_config *config, void *field, const char *value, char *why)
{
    if (!*value || strlen(value) >= SEF_LU_STATE_EVAL_MAX_LEN)
        return settings__bad(
            why, "is an expression of 1 to %d bytes", SEF_LU_STATE_EVAL_MAX_LEN - 1);
    int r = service_config_set(field, value);
    if (r == 0)
        config->state = SEF_LU_STATE_EVAL;
    return r;
}

/* ---- The table --------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct service_config, name)

static const struct setting settings[] = {
    { "ExecStart", settings__set_program, NULL, 0, true },
    { "WorkingDirectory", set_path, NULL, FIELD(cwd), true },
    { "Environment", settings__set_environment, NULL, 0, true },
    { "Owner", settings__set_owner, NULL, 0, true },
    { "Start", set_boolean, NULL, FIELD(start), true },
    { "Restart", set_not, get_not, FIELD(no_restart), false },
    { "RestartPolicy", set_policy, get_policy, FIELD(policy), false },
    { "RestartBackoff", set_not, get_not, FIELD(no_backoff), false },
    { "RestartScript", set_path, get_path, FIELD(script), false },
    { "RestartCount", set_number, get_number, FIELD(restarts), false },
    { "HeartbeatSec", set_ms, get_ms, FIELD(heartbeat_ms), false },
    { "Standby", set_boolean, get_boolean, FIELD(standby), false },
    { "TimeoutStartSec", set_limit, get_limit, FIELD(start_ms), false },
    { "TimeoutPrepareSec", set_limit, get_limit, FIELD(prepare_ms), false },
    { "UpdateState", set_state, get_state, 0, false },
    { "UpdateExpression", set_expression, get_path, FIELD(expression), false },
    { "Preallocate", set_size, get_size, FIELD(prealloc), false },
    { "RerandomizeSec", set_days, get_days, FIELD(rerandomize_ms), false },
    { "Variants", settings__set_variants, settings__get_variants, FIELD(variants), false },
    { "AsrCount", set_number, get_number, FIELD(asr_count), false },
};
enum { N_SETTINGS = sizeof settings / sizeof settings[0] };

int settings_count(void)
{
    return N_SETTINGS;
}

int settings_index(const char *name)
{
    for (int i = 0; i < N_SETTINGS; i++) {
        if (strcmp(settings[i].name, name) == 0)
            return i;
    }
    return -1;
}

bool settings_repeats(const char *name)
{
    return strcmp(name, "Environment") == 0;
}

int settings_apply(struct service_config *config, const char *name, const char *value, bool unit,
    char why[static SETTINGS_TEXT_MAX])
{
    int i = settings_index(name);
    if (i < 0 || (settings[i].unit && !unit)) {
        snprintf(why, SETTINGS_TEXT_MAX, "%.100s: no such setting", name);
        return -ENOENT;
    }
    char reason[SETTINGS_TEXT_MAX] = "";
    int r = settings[i].set(config, (char *) config + settings[i].offset, value, reason);
    if (r < 0)
        snprintf(why, SETTINGS_TEXT_MAX, "%s %.400s", name, *reason ? reason : strerror(-r));
    return r;
}

int settings_apply_all(
    struct service_config *config, const json_t *object, char why[static SETTINGS_TEXT_MAX])
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *) (uintptr_t) object, name, value)
    {
        if (!json_is_string(value)) {
            snprintf(why, SETTINGS_TEXT_MAX, "%.100s is not a string", name);
            return -EINVAL;
        }
        int r = settings_apply(config, name, json_string_value(value), false, why);
        if (r < 0)
            return r;
    }
    return 0;
}

bool settings_name_files(const json_t *object)
{
    return json_object_get(object, "RestartScript") || json_object_get(object, "Variants");
}

json_t *settings_describe(const struct service_config *config)
{
    json_t *object = json_object();
    for (int i = 0; i < N_SETTINGS; i++) {
        if (!settings[i].get)
            continue;
        char *value = settings[i].get(config, (const char *) config + settings[i].offset);
        if (value)
            (void) json_object_set_new(object, settings[i].name, json_string(value));
        free(value);
    }
    return object;
}
