/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Changes of a running service's configuration, and what follows from them.
 */
#include "service.h"

#include <errno.h>
#include <string.h>

#include "log.h"
#include "record.h"
#include "rerandomize.h"
#include "standby.h"

void service_configured(struct service *service)
{
    record_touch(service);
    rerandomize_schedule(service);
    if (service->state != SERVICE_RUNNING)
        return;
    recovery_configured(service);
    if (!service->config.standby)
        standby_destroy(service);
    else if (!service->standby)
        standby_renew(service);
}

int service_edit(
    struct service *service, const json_t *settings, bool asked, char why[static SETTINGS_TEXT_MAX])
{
    struct service_config config;
    service_config_init(&config);
    int r = service_config_copy(&config, &service->config);
    if (r < 0)
        memcpy(why, "out of memory", sizeof "out of memory");
    else
        r = settings_apply_all(&config, settings, why);
    if (r < 0) {
        service_config_deinit(&config);
        return r;
    }
    config.files_asked |= asked && settings_name_files(settings);
    if (config.restarts != service->config.restarts)
        service->restarts = config.restarts;
    service_config_deinit(&service->config);
    service->config = config;
    service_configured(service);
    return 0;
}
