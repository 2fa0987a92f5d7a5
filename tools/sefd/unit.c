/* SPDX-License-Identifier: BSD-2-Clause
 *
 * One unit file: reading and checking.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "json.h"
#include "settings.h"
#include "trust.h"

enum { SEEN_MAX = 64 };

struct parser {
    const char *path;
    struct service_config config;
    json_t *errors;
    unsigned line, n_errors;
    bool in_section;
    unsigned seen[SEEN_MAX]; /**< line of each setting, 0: none */
};

void unit_error(json_t *errors, const char *path, unsigned line, const char *format, ...)
{
    char text[SETTINGS_TEXT_MAX + 64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    json_t *error = json_pack("{s:o, s:o}", "file", json_text(path), "text", json_text(text));
    if (line)
        (void) json_object_set_new(error, "line", json_integer(line));
    (void) json_array_append_new(errors, error);
}

__attribute__((format(printf, 2, 3))) static void complain(
    struct parser *p, const char *format, ...)
{
    char text[SETTINGS_TEXT_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (p->n_errors++ < UNIT_ERRORS_MAX)
        unit_error(p->errors, p->path, p->line, "%s", text);
}

int unit_label(const char *name, char ret[static LABEL_MAX + 1])
{
    static const char *const suffixes[] = { ".service", ".unit" };
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t suffix = strlen(suffixes[i]);
        if (name[0] == '.' || len <= suffix || strcmp(name + len - suffix, suffixes[i]) != 0)
            continue;
        if (len - suffix > LABEL_MAX)
            return -EINVAL;
        memcpy(ret, name, len - suffix);
        ret[len - suffix] = '\0';
        return label_is_valid(ret) ? 0 : -EINVAL;
    }
    return -ENOENT;
}

/* ---- Text -------------------------------------------------------------------------------- */

/* Strip blanks from both ends. */
static char *strip(char *text)
{
    static const char blanks[] = " \t\r";
    text += strspn(text, blanks);
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

static void parse_setting(struct parser *p, char *line)
{
    char *value = strchr(line, '='), why[SETTINGS_TEXT_MAX];
    if (!value) {
        complain(p, "neither NAME=VALUE nor [Service]: \"%.100s\"", line);
        return;
    }
    *value++ = '\0';
    char *name = strip(line);
    int i = settings_index(name);
    if (!p->in_section) {
        complain(p, "%.100s stands before [Service]", name);
    } else if (i >= 0 && p->seen[i] && !settings_repeats(name)) {
        complain(p, "%.100s was set in line %u already", name, p->seen[i]);
    } else {
        if (i >= 0)
            p->seen[i] = p->line;
        if (settings_apply(&p->config, name, strip(value), true, why) < 0)
            complain(p, "%s", why);
    }
}

static void parse_line(struct parser *p, char *line)
{
    line = strip(line);
    if (*line == '\0' || *line == '#' || *line == ';')
        return;
    if (*line != '[')
        parse_setting(p, line);
    else if (strcmp(line, "[Service]") == 0)
        p->in_section = true;
    else
        complain(p, "the only section is [Service], not %.100s", line);
}

/* What can be told when all is read. */
static void check(struct parser *p)
{
    unsigned state = p->seen[settings_index("UpdateState")],
             expression = p->seen[settings_index("UpdateExpression")];
    if (state && expression) {
        p->line = state > expression ? state : expression;
        complain(p, "UpdateState and UpdateExpression exclude each other");
    }
    p->line = 0;
    if (!p->seen[settings_index("ExecStart")])
        complain(p, "ExecStart is missing");
}

/* Defaults of a service that no client started: the daemon's environment, and no directory. */
static int begin(struct parser *p)
{
    service_config_init(&p->config);
    int r = service_config_set(&p->config.unit, p->path);
    if (r == 0)
        r = service_config_set(&p->config.cwd, "/");
    return r ? r : service_config_set_vector(&p->config.env, (const char *const *) environ);
}

/* Parse a text, which is destroyed. */
static int parse(struct parser *p, char *text)
{
    int r = begin(p);
    if (r < 0) {
        complain(p, "%s", strerror(-r));
        return r;
    }
    while (text) {
        p->line++;
        parse_line(p, strsep(&text, "\n"));
    }
    check(p);
    return p->n_errors ? -EINVAL : 0;
}

/* ---- File -------------------------------------------------------------------------------- */

/* Open a file that nobody but its owner, who is root or this user, can change. */
static int open_file(const char *path, size_t *size, const char **why)
{
    const struct trust trust = { .owner = geteuid(), .group = CONFIG_NO_GROUP };
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), r = 0;
    *why = NULL;
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0)
        r = -errno;
    else if (!S_ISREG(st.st_mode))
        *why = "is not a regular file";
    else if (!trust_file(&trust, &st, fd))
        *why = "belongs to another user, or others may write to it";
    else if (st.st_size > UNIT_SIZE_MAX)
        *why = "has more than 65536 bytes";
    if (r == 0 && !*why) {
        *size = (size_t) st.st_size;
        return fd;
    }
    close(fd);
    return *why ? -EPERM : r;
}

static int read_text(const char *path, char **ret, const char **why)
{
    size_t size = 0;
    int fd = open_file(path, &size, why);
    if (fd < 0)
        return fd;
    char *text = malloc(size + 1);
    ssize_t n = text ? read(fd, text, size) : -1;
    int r = !text ? -ENOMEM : n < 0 ? -errno : 0;
    close(fd);
    if (r == 0)
        text[n] = '\0';
    if (r == 0 && strlen(text) != (size_t) n) {
        *why = "has a zero byte";
        r = -EINVAL;
    }
    if (r < 0)
        free(text);
    else
        *ret = text;
    return r;
}

int unit_read(const char *path, struct service_config *config, char **text, json_t *errors)
{
    struct parser p = { .path = path, .errors = errors };
    const char *why;
    char *raw, *copy;
    int r = read_text(path, &raw, &why);
    if (r < 0) {
        unit_error(errors, path, 0, "%s", why ? why : strerror(-r));
        return r;
    }
    copy = strdup(raw);
    r = copy ? parse(&p, copy) : -ENOMEM;
    free(copy);
    if (r < 0) {
        service_config_deinit(&p.config);
        free(raw);
        return r;
    }
    service_config_deinit(config);
    *config = p.config;
    *text = raw;
    return 0;
}
