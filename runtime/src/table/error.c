/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Texts of the error codes, and filling in a caller-owned error without allocating.
 */
#include <magic/error.h>

#include <stdarg.h>
#include <stdio.h>

const char *magic_strerror(int code)
{
    switch (code) {
    case 0:
        return "success";
#define CASE(name, value, text) \
    case value:                 \
        return text;
        MAGIC_ERROR_MAP(CASE)
#undef CASE
    default:
        return "unknown error";
    }
}

int magic_error_set(struct magic_error *err, int code, const char *format, ...)
{
    va_list args;

    if (!err)
        return code;
    err->code = code;
    va_start(args, format);
    vsnprintf(err->text, sizeof(err->text), format, args);
    va_end(args);
    return code;
}
