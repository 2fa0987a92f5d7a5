/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The log hook: the only way in which the runtime says anything.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "image/image.h"

enum { LINE_SIZE = 1024 };

static _Atomic(magic_log_t) hook;

void magic_setcb_log(magic_log_t cb)
{
    atomic_store(&hook, cb);
}

void magic__log(const char *format, ...)
{
    magic_log_t cb = atomic_load(&hook);
    char line[LINE_SIZE];
    int saved = errno;
    va_list args;

    if (!cb)
        return;
    /* libc allocates here only for floats, wide characters and huge fields: none of them used. */
    va_start(args, format);
    vsnprintf(line, sizeof(line), format, args);
    va_end(args);
    cb(line);
    errno = saved;
}
