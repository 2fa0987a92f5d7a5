/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Error numbers: the runtime's negative codes as errno values, and the texts of historic codes.
 */
#include <string.h>

#include "hooks.h"
#include "sef_internal.h"

/* Codes that tell something sef.h has a word for; the texts come from elsewhere. */
static const struct {
    int code, error;
} magic_codes[] = {
    { MAGIC_ENOENT, ENOENT },
    { MAGIC_ENOPTR, EINVAL },
    { MAGIC_EBADENT, EINVAL },
    { MAGIC_ENOTYPE, ENOENT },
    { MAGIC_EBADMSTATE, EDOM },
    { MAGIC_EINVAL, EINVAL },
    { MAGIC_EGENERIC, EGENERIC },
    { MAGIC_EBADWALK, EFAULT },
    { MAGIC_ENOMEM, ENOMEM },
    { MAGIC_EFORMAT, ENOEXEC },
    { MAGIC_EABI, ENOEXEC },
    { MAGIC_ENOTABLE, ENOSYS },
    { MAGIC_ELOAD, ENOEXEC },
    { MAGIC_EAMBIGUOUS, EINVAL },
    { MAGIC_ELOST, ERANGE },
    { MAGIC_EUNPAIRED, ENOENT },
    { MAGIC_ENOTSUP, ENOTSUP },
    { MAGIC_EFAULT, EFAULT },
    { MAGIC_EOS, EIO },
};

int sef__errno_of(int code)
{
    for (size_t i = 0; i < sizeof(magic_codes) / sizeof(magic_codes[0]); i++)
        if (magic_codes[i].code == code)
            return magic_codes[i].error;
    return code < 0 ? EGENERIC : code;
}

const char *sef__strerror(int error)
{
    const char *text;

    switch (error) {
    case ERESTART_SEF:
        return "restart needed";
    case ENOTREADY:
        return "not ready";
    case EGENERIC:
        return "failed";
    case EDEADSRCDST:
        return "source or destination does not exist";
    case ELOCKED:
        return "would wait for each other for ever";
    case ECALLDENIED:
        return "call denied";
    case EBADCALL:
        return "bad call";
    default:
        text = strerrordesc_np(error);
        return text ? text : "unknown error";
    }
}
