/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Address-space re-randomisation; see rerandomize.h.
 */
#include "rerandomize.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include <sef/sef.h>

#include "client.h"
#include "daemon.h"
#include "log.h"
#include "service.h"
#include "update.h"

enum { ACCURACY_US = 100000 };

static bool is_candidate(const struct service *service, const char *variant)
{
    return strcmp(service->image, variant) != 0;
}

/* Draw a number below `limit`, each as probable as any other. Returns 0 or a negative errno value. */
static int draw(unsigned limit, unsigned *ret)
{
    uint32_t number, fair = UINT32_MAX - UINT32_MAX % limit;
    do {
        if (getrandom(&number, sizeof number, 0) != sizeof number)
            return -errno;
    } while (number >= fair);
    *ret = number % limit;
    return 0;
}

/* Choose a variant that does not run, by its number from 0. */
static int choose(const struct service *service, unsigned *ret)
{
    char *const *variants = service->config.variants;
    unsigned n = 0, nth;
    for (unsigned i = 0; variants && variants[i]; i++)
        n += is_candidate(service, variants[i]);
    if (n == 0)
        return -EINVAL;
    int r = draw(n, &nth);
    if (r < 0)
        return r;
    unsigned i = 0;
    while (!is_candidate(service, variants[i]) || nth-- > 0)
        i++;
    *ret = i;
    return 0;
}

void rerandomize_begin(struct service *service, struct client *client)
{
    const struct service_config *config = &service->config;
    unsigned number;
    int r = choose(service, &number);
    if (r == -EINVAL)
        client_refuse(client, EINVAL,
            "has no variant besides the image that runs: Variants= in its settings lists them");
    else if (r < 0)
        client_refuse(client, -r, "no random number: %s", strerror(-r));
    if (r < 0)
        return;
    struct update_request request = {
        .image = config->variants[number],
        .expression = config->expression ? config->expression : "",
        .rules = "",
        .state = config->state,
        .flags = SEF_LU_ASR,
        .prepare_ms = config->prepare_ms,
        .limit_ms = config->start_ms,
        .prealloc = config->prealloc,
        .asr_count = number + 1,
        .file = -1,
        .asked = config->files_asked,
    };
    update_begin(service, client, &request);
}

/* Nobody waits for this update: that it cannot begin goes to the log, how it ends does so anyway. */
static int on_period(sd_event_source *source, uint64_t usec, void *data)
{
    struct service *service = data;
    char why[UPDATE_TEXT_MAX];
    unsigned number;
    (void) source;
    (void) usec;
    rerandomize_schedule(service);
    int error = update_refusal(service, why);
    if (error)
        log_info("%s: not rerandomized: %s", service->label, why);
    else if (choose(service, &number) < 0)
        log_error("%s: not rerandomized: it has no other variant", service->label);
    else
        rerandomize_begin(service, NULL);
    return 0;
}

void rerandomize_schedule(struct service *service)
{
    uint64_t ms = service->config.rerandomize_ms;
    service->rerandomize = sd_event_source_disable_unref(service->rerandomize);
    if (ms == 0 || service->state != SERVICE_RUNNING)
        return;
    int r = sd_event_add_time_relative(service->daemon->event, &service->rerandomize,
        CLOCK_MONOTONIC, ms * 1000, ms < 1000 ? 1000 : ACCURACY_US, on_period, service);
    if (r < 0)
        log_error("%s: no timer: %s", service->label, strerror(-r));
}
