/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading and applying lists of messages.
 */
#include "ipc_filter.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static int refuse(
    char why[static IPC_FILTER_TEXT_MAX], int error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, IPC_FILTER_TEXT_MAX, format, args);
    va_end(args);
    return error;
}

static bool read_number(const char *text, int *ret)
{
    char *end;
    errno = 0;
    long n = strtol(text, &end, 0);
    if (errno || end == text || *end || n < INT_MIN || n > INT_MAX)
        return false;
    *ret = (int) n;
    return true;
}

static int read_source(const char *text, struct ipc_rule *rule, char *why)
{
    size_t len = strlen(text);
    if (len == 0 || strcmp(text, "ANY_SYS") == 0) {
        rule->source = IPC_SOURCE_ANY;
    } else if (strcmp(text, "ANY_USR") == 0 || strcmp(text, "ANY_TSK") == 0) {
        rule->source = IPC_SOURCE_NOBODY;
    } else if (strspn(text, "0123456789") == len) {
        rule->source = IPC_SOURCE_ENDPOINT;
        if (!read_number(text, &rule->endpoint))
            return refuse(why, -EINVAL, "no endpoint: %.80s", text);
    } else if (label_is_valid(text)) {
        rule->source = IPC_SOURCE_LABEL;
        memcpy(rule->label, text, len + 1);
    } else {
        return refuse(why, -EINVAL, "no label, endpoint, ANY_SYS, ANY_USR or ANY_TSK: %.80s", text);
    }
    return 0;
}

static int read_rule(char *text, struct ipc_rule *rule, char *why)
{
    char *colon = strchr(text, ':');
    if (!colon)
        return refuse(why, -EINVAL, "no SOURCE:TYPE: '%.80s'", text);
    *colon = '\0';
    const char *type = colon + 1;
    rule->any_type = *type == '\0';
    if (!rule->any_type &&
        ((*type != '-' && (*type < '0' || *type > '9')) || !read_number(type, &rule->type)))
        return refuse(why, -EINVAL, "no number of a message type: '%.80s'", type);
    return read_source(text, rule, why);
}

static size_t count_rules(const char *text)
{
    size_t n = 1;
    while ((text = strchr(text, ',')) != NULL) {
        text++;
        n++;
    }
    return n;
}

int ipc_filter_parse(
    const char *text, bool white, struct ipc_filter **ret, char why[static IPC_FILTER_TEXT_MAX])
{
    size_t n = count_rules(text);
    if (n > IPC_FILTER_RULES_MAX)
        return refuse(why, -E2BIG, "more than %d rules", IPC_FILTER_RULES_MAX);
    struct ipc_filter *filter = calloc(1, sizeof *filter + n * sizeof filter->rules[0]);
    char *copy = strdup(text), *next = copy;
    int r = filter && copy ? 0 : refuse(why, -ENOMEM, "out of memory");
    if (r == 0)
        filter->white = white;
    while (r == 0 && next) {
        char *rule = strsep(&next, ",");
        r = read_rule(rule, &filter->rules[filter->n++], why);
    }
    free(copy);
    if (r == 0)
        *ret = filter;
    else
        free(filter);
    return r;
}

static bool fits(const struct ipc_rule *rule, int endpoint, const char *label, int type)
{
    if (!rule->any_type && rule->type != type)
        return false;
    switch (rule->source) {
    case IPC_SOURCE_ANY:
        return true;
    case IPC_SOURCE_ENDPOINT:
        return rule->endpoint == endpoint;
    case IPC_SOURCE_LABEL:
        return strcmp(rule->label, label) == 0;
    default:
        return false;
    }
}

static bool passes(const struct ipc_filter *filter, int endpoint, const char *label, int type)
{
    for (size_t i = 0; i < filter->n; i++) {
        if (fits(&filter->rules[i], endpoint, label, type))
            return filter->white;
    }
    return !filter->white;
}

bool ipc_filters_pass(const struct ipc_filter *filters, int endpoint, const char *label, int type)
{
    while (filters && passes(filters, endpoint, label, type))
        filters = filters->next;
    return !filters;
}

void ipc_filters_destroy(struct ipc_filter *filters)
{
    while (filters) {
        struct ipc_filter *next = filters->next;
        free(filters);
        filters = next;
    }
}
