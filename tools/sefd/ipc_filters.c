/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which messages a service gets while it prepares for an update.
 */
#include "ipc.h"

#include <errno.h>
#include <stdio.h>

#include "service.h"

/* A label that nobody has is a mistake: the list would do nothing, or let nothing through. */
static int check_labels(struct daemon *daemon, const struct ipc_filter *filter, char *why)
{
    for (size_t i = 0; i < filter->n; i++) {
        const char *label = filter->rules[i].label;
        if (*label && !service_find(daemon, label)) {
            snprintf(why, IPC_FILTER_TEXT_MAX, "no service has the label %s", label);
            return -EINVAL;
        }
    }
    return 0;
}

static int add_lists(struct daemon *daemon, const char *const *lists, bool white,
    struct ipc_filter **at, char why[static IPC_FILTER_TEXT_MAX])
{
    for (; lists && *lists; lists++) {
        struct ipc_filter *filter;
        int r = ipc_filter_parse(*lists, white, &filter, why);
        if (r < 0)
            return r;
        filter->next = *at;
        *at = filter;
        r = check_labels(daemon, filter, why);
        if (r < 0)
            return r;
    }
    return 0;
}

int ipc_filters_read(struct daemon *daemon, const char *const *blacklists,
    const char *const *whitelists, struct ipc_filter **ret, char why[static IPC_FILTER_TEXT_MAX])
{
    struct ipc_filter *filters = NULL;
    int r = add_lists(daemon, blacklists, false, &filters, why);
    if (r == 0)
        r = add_lists(daemon, whitelists, true, &filters, why);
    if (r == 0)
        *ret = filters;
    else
        ipc_filters_destroy(filters);
    return r;
}
