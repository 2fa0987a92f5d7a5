/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists that say which messages a service receives while an update of it is prepared.
 *
 * A list is written as rules SOURCE:TYPE with commas between them; a side that is empty fits anything. SOURCE is a
 * label, an endpoint in digits, ANY_SYS (any service), ANY_USR or ANY_TSK (user processes and tasks of the kernel,
 * which send no messages here); TYPE is a number. A black list stops what fits one of its rules, a white list what
 * fits none.
 */
#ifndef IPC_FILTER_H
#define IPC_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "names.h"

enum { IPC_FILTER_RULES_MAX = 65536, IPC_FILTER_TEXT_MAX = 256 };

enum ipc_source { IPC_SOURCE_ANY, IPC_SOURCE_NOBODY, IPC_SOURCE_ENDPOINT, IPC_SOURCE_LABEL };

struct ipc_rule {
    enum ipc_source source;
    int endpoint; /**< IPC_SOURCE_ENDPOINT */
    bool any_type;
    int type;
    char label[LABEL_MAX + 1]; /**< IPC_SOURCE_LABEL, else "" */
};

struct ipc_filter {
    struct ipc_filter *next;
    bool white;
    size_t n;
    struct ipc_rule rules[];
};

/** Read one list. Returns 0, or with a reason in `why`: -EINVAL a mistake, -E2BIG too many rules, -ENOMEM. */
__attribute__((warn_unused_result)) int ipc_filter_parse(
    const char *text, bool white, struct ipc_filter **ret, char why[static IPC_FILTER_TEXT_MAX]);

/** Whether each of the lists lets a message through. `label` is the sender's, "" if it is gone. */
bool ipc_filters_pass(const struct ipc_filter *filters, int endpoint, const char *label, int type);

/** Free lists. */
void ipc_filters_destroy(struct ipc_filter *filters);

#endif
