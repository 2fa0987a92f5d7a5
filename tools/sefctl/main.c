/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefctl: control the services of sefd.
 */
#include "sefctl.h"

int main(int argc, char **argv)
{
    struct options options = { 0 };
    options_parse(&options, argc, argv);
    json_t *request = request_new(&options);
    if (!request)
        return EXIT_USAGE;
    json_t *reply = request_send(&options, request);
    json_decref(request);
    if (!reply)
        return EXIT_UNREACHABLE;
    int status = report(&options, reply);
    json_decref(reply);
    return status;
}
