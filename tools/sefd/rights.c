/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services that run as another user than sefd: see rights.h.
 */
#include "rights.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon.h"
#include "log.h"
#include "process.h"
#include "resume.h"
#include "service.h"

/* Whether a service's process has given up our user; its group then. */
static bool is_another(const struct service *service, gid_t *gid)
{
    uid_t uid;
    return service->tracked && process_user(service->pid, &uid, gid) == 0 && uid != geteuid();
}

static void add_mode(const char *path, mode_t mode)
{
    struct stat st;
    if (stat(path, &st) == 0 && (st.st_mode & mode) == mode)
        return;
    if (chmod(path, (st.st_mode & 07777) | mode) < 0)
        log_error("%s: services of other users cannot pass: %s", path, strerror(errno));
}

static void open_ways(const struct daemon *daemon)
{
    if (!daemon->resume)
        return; /* nobody comes to a daemon that only checks */
    add_mode(daemon->runtime_dir, 0011);
    add_mode(daemon->images_dir, 0011);
    add_mode(resume_path(daemon->resume), 0666);
}

void rights_open(const struct service *service)
{
    gid_t gid;
    if (is_another(service, &gid))
        open_ways(service->daemon);
}

int rights_share(const struct service *service, int fd, mode_t rights)
{
    struct stat st;
    gid_t gid;
    if (!is_another(service, &gid))
        return 0;
    open_ways(service->daemon);
    if (fchown(fd, (uid_t) -1, gid) < 0 || fstat(fd, &st) < 0 ||
        fchmod(fd, (st.st_mode & 07777) | rights) < 0)
        return -errno;
    return 0;
}
