/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The daemon's messages.
 */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <systemd/sd-daemon.h>

#include "names.h"

static bool verbose;

void log_set_verbose(bool on)
{
    verbose = on;
}

/* One write a line, so that lines of services that share stderr do not mix with ours. */
__attribute__((format(printf, 2, 0))) static void line(
    const char *prefix, const char *format, va_list args)
{
    char text[1024];
    vsnprintf(text, sizeof text, format, args);
    text_clean(text, "");
    fprintf(stderr, "%ssefd: %s\n", getenv("JOURNAL_STREAM") ? prefix : "", text);
}

#define LOG_FUNCTION(name, prefix, condition) \
    void name(const char *format, ...)        \
    {                                         \
        if (!(condition))                     \
            return;                           \
        va_list args;                         \
        va_start(args, format);               \
        line(prefix, format, args);           \
        va_end(args);                         \
    }

LOG_FUNCTION(log_error, SD_ERR, true)
LOG_FUNCTION(log_info, SD_INFO, true)
LOG_FUNCTION(log_debug, SD_DEBUG, verbose)
