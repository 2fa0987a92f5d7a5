/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading the JSON of a comparison, for all that show it.
 */
#include <string.h>

#include "diff_show.h"

const char *diff_text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

json_int_t diff_number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

bool diff_is(const json_t *object, const char *key, const char *value)
{
    return strcmp(diff_text_of(object, key), value) == 0;
}

void diff_show_each(FILE *out, const json_t *changes, const char *verdict, const char *heading,
    void (*show)(FILE *out, const json_t *change))
{
    const json_t *change;
    bool any = false;
    size_t i;
    json_array_foreach(changes, i, change)
    {
        if (!diff_is(change, "verdict", verdict))
            continue;
        if (!any)
            fputs(heading, out);
        any = true;
        show(out, change);
    }
}
