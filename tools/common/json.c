/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checked access to members of a JSON object.
 */
#include "json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

int json_get_string(const json_t *object, const char *key, size_t max, const char **ret)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return -ENOENT;
    if (!json_is_string(value))
        return -EINVAL;
    size_t len = json_string_length(value);
    if (len == 0 || len > max)
        return -ERANGE;
    *ret = json_string_value(value);
    return 0;
}

int json_get_integer(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return -ENOENT;
    if (!json_is_integer(value))
        return -EINVAL;
    int64_t n = json_integer_value(value);
    if (n < min || n > max)
        return -ERANGE;
    *ret = n;
    return 0;
}

int json_get_boolean(const json_t *object, const char *key, bool *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!value)
        return -ENOENT;
    if (!json_is_boolean(value))
        return -EINVAL;
    *ret = json_is_true(value);
    return 0;
}

int json_get_strings(const json_t *object, const char *key, size_t max, const char ***ret)
{
    const json_t *array = json_object_get(object, key);
    if (!array)
        return -ENOENT;
    if (!json_is_array(array))
        return -EINVAL;
    size_t n = json_array_size(array);
    if (n > max)
        return -ERANGE;
    const char **strings = calloc(n + 1, sizeof *strings);
    if (!strings)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        strings[i] = json_string_value(json_array_get(array, i));
        if (!strings[i]) {
            free(strings);
            return -EINVAL;
        }
    }
    *ret = strings;
    return 0;
}

static void clean_string(json_t *json)
{
    char *text = strdup(json_string_value(json));
    if (text)
        text_clean(text, "");
    (void) json_string_set(json, text ? text : "");
    free(text);
}

void json_clean(json_t *json)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_string(json))
        clean_string(json);
    json_array_foreach(json, i, value)
    {
        json_clean(value);
    }
    json_object_foreach(json, key, value)
    {
        json_clean(value);
    }
}

json_t *json_text(const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    char *ascii = strdup(text);
    if (!ascii)
        return NULL;
    for (char *c = ascii; *c; c++) {
        if ((unsigned char) *c >= 0x80)
            *c = '?';
    }
    string = json_string(ascii);
    free(ascii);
    return string;
}

void json_set_text(json_t *object, const char *key, const char *text)
{
    if (text && *text)
        (void) json_object_set_new(object, key, json_text(text));
}

void json_set_number(json_t *object, const char *key, uint64_t number)
{
    (void) json_object_set_new(object, key, json_integer((json_int_t) number));
}
