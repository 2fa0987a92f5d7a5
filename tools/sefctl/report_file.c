/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing the report of an update: all of it or nothing.
 */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sefctl.h"

static bool is_page(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, ".html") == 0;
}

static int put(FILE *out, const char *path, const json_t *report)
{
    if (is_page(path)) {
        report_html(out, report);
    } else if (json_dumpf(report, out, JSON_INDENT(2) | JSON_PRESERVE_ORDER) == 0) {
        fputc('\n', out);
    } else {
        return -EIO;
    }
    errno = 0;
    if (fflush(out) != 0 || ferror(out))
        return errno ? -errno : -EIO;
    return 0;
}

/* Write to a new file that takes the other one's place when it is complete. */
static int replace(const char *path, const json_t *report)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.XXXXXX", path) >= (int) sizeof temporary)
        return -ENAMETOOLONG;
    int fd = mkstemp(temporary);
    if (fd < 0)
        return -errno;
    mode_t mask = umask(0);
    umask(mask);
    FILE *out = fchmod(fd, 0666 & ~mask) == 0 ? fdopen(fd, "w") : NULL;
    int r = out ? put(out, path, report) : -errno;
    if ((out ? fclose(out) : close(fd)) != 0 && r == 0)
        r = -errno;
    if (r == 0 && rename(temporary, path) < 0)
        r = -errno;
    if (r < 0)
        unlink(temporary);
    return r;
}

/* What is no file, as a terminal or a pipe, cannot be replaced. */
static int write_through(const char *path, const json_t *report)
{
    FILE *out = fopen(path, "we");
    if (!out)
        return -errno;
    int r = put(out, path, report);
    if (fclose(out) != 0 && r == 0)
        r = -errno;
    return r;
}

static int write_to(const char *path, const json_t *report)
{
    struct stat st;
    if (strcmp(path, "-") == 0)
        return put(stdout, path, report);
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return write_through(path, report);
    return replace(path, report);
}

bool report_write(const struct options *o, const json_t *request, const json_t *reply)
{
    json_t *report = report_new(request, reply);
    int r = report ? write_to(o->report, report) : -ENOMEM;
    json_decref(report);
    if (r < 0)
        fprintf(
            stderr, "sefctl: the report cannot be written to %s: %s\n", o->report, strerror(-r));
    return r == 0;
}
