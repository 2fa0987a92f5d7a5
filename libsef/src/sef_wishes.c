/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the user wishes of one update, on its way from the request to the runtime.
 *
 * The old instance takes the request apart, so that nothing but well-formed paths reach its fork; the
 * new instance reads the file of rules and hands it on. The rules themselves are read by the runtime,
 * when both versions' tables are at hand.
 */
#include <stdio.h>

#include "hooks.h"
#include "sef_internal.h"

static const char rules_option[] = "rules=";

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

int sef__inherit_read(struct sef__inherit *inherit, const char *text, char *why, size_t size)
{
    size_t len = strcspn(text, "\n"), option = sizeof(rules_option) - 1;
    int r = OK;

    inherit->rules[0] = '\0';
    if (len == 0) {
        snprintf(why, size, "no image to update to");
        return EINVAL;
    }
    r = take_path(inherit->path, text, len, why, size);
    while (r == OK && text[len] == '\n') {
        text += len + 1;
        len = strcspn(text, "\n");
        if (strncmp(text, rules_option, option) == 0) {
            r = take_path(inherit->rules, text + option, len - option, why, size);
        } else {
            snprintf(why, size, "unknown option of the request: %.*s", (int) len, text);
            r = EINVAL;
        }
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
