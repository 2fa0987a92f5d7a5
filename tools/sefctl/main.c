/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefctl: control the services of sefd.
 */
#include "sefctl.h"

#include <stdlib.h>

#include "json.h"

static int run(const struct options *options)
{
    json_t *request = request_new(options);
    if (!request)
        return EXIT_USAGE;
    json_t *reply = request_send(options, request);
    if (!options->json)
        json_clean(reply);
    int status = reply ? report(options, reply) : EXIT_UNREACHABLE;
    if (options->report && !report_write(options, request, reply) && status == EXIT_OK)
        status = EXIT_NO_REPORT;
    json_decref(request);
    json_decref(reply);
    return status;
}

int main(int argc, char **argv)
{
    struct options options = { 0 };
    options_parse(&options, argc, argv);
    int status = run(&options);
    free(options.policies);
    json_decref(options.settings);
    json_decref(options.members);
    return status;
}
