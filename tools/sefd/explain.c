/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What an update would do, told without one.
 */
#include <errno.h>

#include "client.h"
#include "preflight.h"
#include "service.h"
#include "update.h"

void update_explain(
    struct service *service, struct client *client, const struct update_request *request)
{
    char why[UPDATE_TEXT_MAX] = "";
    struct client *slot;
    json_t *diff;
    int refused = update_refusal(service, why);
    if (refused) {
        client_refuse(client, refused, "%s", why);
        return;
    }
    int r = preflight(service, request->image, request->image, request->rules, &diff, why);
    if (r == 0 && !diff) {
        client_refuse(client, ENOTSUP,
            "the running version has no state table that can be read: nothing can be compared");
        return;
    }
    /* An update that is refused is explained as well as others are. */
    if (!diff) {
        client_refuse(client, -r, "%s", why);
        return;
    }
    client_bind(client, &slot);
    json_t *reply = client_reply_new(0, r ? why : "explained");
    (void) json_object_set_new(reply, "label", json_string(service->label));
    (void) json_object_set_new(reply, "diff", diff);
    (void) json_object_set_new(reply, "refused", json_boolean(r != 0));
    client_finish(&slot, reply);
}
