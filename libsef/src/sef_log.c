/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the runtime's messages go in a service that sets no log hook of its own.
 *
 * In an update they belong to the operator who asked for it: what a transfer had to drop, or the
 * stale pointer by which the new version died. At other times, when nobody waits for an answer,
 * standard error is all that a service has in common with whoever looks after it.
 */
#include <sys/uio.h>
#include <unistd.h>

#include "hooks.h"
#include "sef_internal.h"

static const char prefix[] = "warning: ";

static void to_standard_error(const char *line)
{
    struct iovec parts[2] = {
        { (void *) (uintptr_t) line, strlen(line) },
        { "\n", 1 },
    };

    /* Nobody is left to be told that this failed. */
    if (writev(STDERR_FILENO, parts, 2) < 0)
        return;
}

/* May run in a signal handler. */
static void take_message(const char *line)
{
    if (!sef__update_pending())
        to_standard_error(line);
    else if (strncmp(line, prefix, sizeof(prefix) - 1) == 0)
        sef__update_log(line + sizeof(prefix) - 1);
    else
        sef__update_log(line);
}

/* Before main, so that a hook of the program takes this one's place whenever it is set. */
__attribute__((constructor)) static void install(void)
{
    if (magic_setcb_log)
        magic_setcb_log(take_message);
}
