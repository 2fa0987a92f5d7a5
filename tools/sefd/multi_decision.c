/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Where services that are updated as one find the decision if the daemon does not live to tell them.
 *
 * It is one byte of a file that the old instances have open. As long as it is not written none of them
 * commits, and from then on all do: those that got RS_LU_COMMIT, and those whose socket came to its end first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sef/wire.h>

#include "daemon.h"
#include "log.h"
#include "multi_members.h"

static void path_of(const struct daemon *daemon, char ret[static MULTI_DECISION_PATH_MAX])
{
    snprintf(ret, MULTI_DECISION_PATH_MAX, "%s/decision", daemon->runtime_dir);
}

void multi_sweep(const struct daemon *daemon)
{
    char path[MULTI_DECISION_PATH_MAX];
    path_of(daemon, path);
    if (unlink(path) < 0 && errno != ENOENT)
        log_error("cannot remove %s: %s", path, strerror(errno));
}

int multi_decision_open(struct multi *multi)
{
    path_of(multi->daemon, multi->decision_path);
    multi->decision =
        open(multi->decision_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    /* Services may have other users, and it is no secret. */
    return multi->decision < 0 || fchmod(multi->decision, 0644) < 0 ? -errno : 0;
}

int multi_decide(struct multi *multi)
{
    static const char word = SEF_WIRE_DECIDED;
    ssize_t n = pwrite(multi->decision, &word, sizeof word, 0);
    if (n != sizeof word)
        return n < 0 ? -errno : -EIO;
    multi->decided = true;
    return 0;
}

void multi_decision_close(struct multi *multi)
{
    if (multi->decision < 0)
        return;
    close(multi->decision);
    multi->decision = -1;
    multi_sweep(multi->daemon);
}

const char *multi_decision(const struct multi_member *member)
{
    return member->multi->decision_path;
}
