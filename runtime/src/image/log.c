/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The log hook: the only way in which the runtime says anything.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include "image/image_internal.h"

enum { LINE_SIZE = 1024 };

static _Atomic(magic_log_t) hook;

void magic_setcb_log(magic_log_t cb)
{
    atomic_store(&hook, cb);
}

int magic__log_forward(magic__forward_t forward, void *ctx, struct magic_error *err)
{
    uintptr_t old = (uintptr_t) atomic_load(&hook), addr;
    char name[256];
    int code;

    if (!old || !magic__image_old_of(old))
        return 0;
    code = forward(ctx, old, &addr);
    if (code)
        return magic_error_set(err, code,
            "the log hook %s has no successor: keep a function of this name",
            magic__image_code_name(old, name, sizeof(name)));
    atomic_store(&hook, (magic_log_t) addr);
    return 0;
}

void magic__log_drop_old(void)
{
    if (magic__image_old_of((uintptr_t) atomic_load(&hook)))
        atomic_store(&hook, NULL);
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
