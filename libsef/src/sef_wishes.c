/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the user wishes of one update, on its way from the request to the runtime.
 *
 * The old instance takes the request apart, so that nothing but well-formed paths reach its fork; the
 * new instance reads the file of rules and hands it on. The rules themselves are read by the runtime,
 * when both versions' tables are at hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "hooks.h"
#include "sef_internal.h"

#define RULES_OPTION    "rules="
#define PREALLOC_OPTION "prealloc="
#define DECISION_OPTION "decision="

/* The new instance's; empty in any other process. */
static struct sef__file rules;

/* Take over a path of `len` bytes. */
static int take_path(char *to, const char *path, size_t len, char *why, size_t size)
{
    if (len == 0 || len >= PATH_MAX) {
        snprintf(why, size, "%s", len ? "a path is too long" : "a path is missing");
        return len ? ENAMETOOLONG : EINVAL;
    }
    memcpy(to, path, len);
    to[len] = '\0';
    return OK;
}

static int take_size(size_t *to, const char *text, size_t len, char *why, size_t size)
{
    char *end;
    unsigned long long n;

    errno = 0;
    n = strtoull(text, &end, 10);
    if (errno != 0 || len == 0 || strspn(text, "0123456789") < len || end != text + len ||
        n > SIZE_MAX / 2) {
        snprintf(why, size, "not a size: %.*s", (int) len, text);
        return EINVAL;
    }
    *to = (size_t) n;
    return OK;
}

/* Whether a line begins with an option; moves behind it then. */
static bool is_option(const char **line, size_t *len, const char *option)
{
    const size_t n = strlen(option);

    if (*len < n || memcmp(*line, option, n) != 0)
        return false;
    *line += n;
    *len -= n;
    return true;
}

static int take_option(
    struct sef__inherit *inherit, const char *line, size_t len, char *why, size_t size)
{
    if (is_option(&line, &len, RULES_OPTION))
        return take_path(inherit->rules, line, len, why, size);
    if (is_option(&line, &len, PREALLOC_OPTION))
        return take_size(&inherit->prealloc, line, len, why, size);
    if (is_option(&line, &len, DECISION_OPTION))
        return take_path(inherit->decision, line, len, why, size);
    snprintf(why, size, "unknown option of the request: %.*s", (int) len, line);
    return EINVAL;
}

int sef__inherit_read(struct sef__inherit *inherit, const char *text, char *why, size_t size)
{
    size_t len = strcspn(text, "\n");
    int r = OK;

    inherit->rules[0] = inherit->decision[0] = '\0';
    inherit->prealloc = 0;
    if (len == 0) {
        snprintf(why, size, "no image to update to");
        return EINVAL;
    }
    r = take_path(inherit->path, text, len, why, size);
    while (r == OK && text[len] == '\n') {
        text += len + 1;
        len = strcspn(text, "\n");
        r = take_option(inherit, text, len, why, size);
    }
    return r;
}

static int pass_rules(const char *path, char *why, size_t size)
{
    int r;

    if (!st_set_rules) {
        snprintf(why, size, "the service's runtime knows no rules");
        return ENOSYS;
    }
    r = sef__os_file_read(path, SEF_WIRE_RULES_MAX, &rules);
    if (r == OK)
        st_set_rules(rules.text, rules.len);
    else
        snprintf(why, size, "cannot read the rules in %s: %s", path, sef__strerror(r));
    return r;
}

int sef__wishes_pass(const struct sef__inherit *inherit, char *why, size_t size)
{
    if (inherit->flags & SEF_LU_VERIFY) {
        if (!st_set_flags) {
            snprintf(why, size, "the service's runtime cannot verify a transfer");
            return ENOSYS;
        }
        st_set_flags(ST_VERIFY);
    }
    return inherit->rules[0] ? pass_rules(inherit->rules, why, size) : OK;
}

void sef__wishes_drop(void)
{
    if (st_set_rules)
        st_set_rules(NULL, 0);
    if (st_set_flags)
        st_set_flags(0);
    sef__os_file_drop(&rules);
}
