/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Telling the user: the lists that upd_status, reload and edit answer with.
 */
#include <inttypes.h>
#include <stdio.h>

#include "report.h"
#include "sefctl.h"

static void print_list(const json_t *list, const char *state)
{
    const json_t *one;
    size_t i;
    json_array_foreach(list, i, one)
    {
        printf("%s: %s, %s\n", text_of(one, "label"), text_of(one, state), text_of(one, "image"));
    }
}

void report_queue(const json_t *reply)
{
    const json_t *updates = json_object_get(reply, "updates"),
                 *queue = json_object_get(reply, "queue");
    if (json_array_size(updates) + json_array_size(queue) == 0)
        printf("no updates\n");
    print_list(queue, "state");
    print_list(updates, "phase");
}

void report_units(const json_t *reply)
{
    const json_t *errors = json_object_get(reply, "errors"), *error;
    size_t i;
    json_array_foreach(errors, i, error)
    {
        int64_t line = json_integer_value(json_object_get(error, "line"));
        fprintf(stderr, "%s:", text_of(error, "file"));
        if (line)
            fprintf(stderr, "%" PRId64 ":", line);
        fprintf(stderr, " %s\n", text_of(error, "text"));
    }
    printf("sefctl: %s\n", text_of(reply, "text"));
}

void report_settings(const struct options *o, const json_t *reply)
{
    const char *name;
    json_t *value;
    printf("%s: %s\n", o->label, text_of(reply, "text"));
    json_object_foreach((json_t *) json_object_get(reply, "settings"), name, value)
    {
        printf("  %s=%s\n", name, json_string_value(value) ? json_string_value(value) : "");
    }
}
