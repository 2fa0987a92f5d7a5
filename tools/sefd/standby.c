/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The stand-by replica of a service.
 */
#include "standby.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "channel.h"
#include "daemon.h"
#include "log.h"
#include "process.h"
#include "service.h"

int standby_create(struct service *service, char why[static LAUNCH_TEXT_MAX])
{
    if (service->standby) {
        snprintf(why, LAUNCH_TEXT_MAX, "has a stand-by replica already");
        return -EEXIST;
    }
    int theirs, r = service_check_program(service, why);
    if (r < 0)
        return r;
    struct standby *standby = calloc(1, sizeof *standby);
    r = standby ? channel_pair(&standby->control, &theirs) : -ENOMEM;
    if (r < 0) {
        snprintf(why, LAUNCH_TEXT_MAX, "cannot be cloned: %s", strerror(-r));
        free(standby);
        return r;
    }
    const struct launch_request request = service_launch_request(service);
    r = launch_service(&request, theirs, &standby->pid, why);
    close(theirs);
    if (r < 0) {
        close(standby->control);
        free(standby);
        return r;
    }
    service->standby = standby;
    log_info("%s: stand-by replica is process %d", service->label, (int) standby->pid);
    return 0;
}

void standby_destroy(struct service *service)
{
    if (!service->standby)
        return;
    close(service->standby->control);
    kill(service->standby->pid, SIGKILL);
    process_kill_session(service->standby->pid);
    free(service->standby);
    service->standby = NULL;
}

bool standby_take(struct service *service, struct standby *ret)
{
    if (!service->standby)
        return false;
    *ret = *service->standby;
    free(service->standby);
    service->standby = NULL;
    return true;
}

void standby_renew(struct service *service)
{
    char why[LAUNCH_TEXT_MAX];
    if (!service->standby && !service->config.standby)
        return;
    standby_destroy(service);
    if (standby_create(service, why) < 0)
        log_error("%s: stand-by replica: %s", service->label, why);
}

bool standbys_child_ended(struct daemon *daemon, const siginfo_t *info)
{
    for (struct service *s = daemon->services; s; s = s->next) {
        if (!s->standby || s->standby->pid != info->si_pid)
            continue;
        char end[PROCESS_END_MAX];
        process_end(info, end);
        log_error("%s: the stand-by replica %s", s->label, end);
        close(s->standby->control);
        free(s->standby);
        s->standby = NULL;
        return true;
    }
    return false;
}
