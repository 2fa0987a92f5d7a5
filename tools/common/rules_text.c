/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The rules of an update: those of a file, and policies of the command line behind them.
 *
 * Later lines go before earlier ones, so the command line has the last word. What the lines say is
 * checked where both versions are at hand; here only that they can be sent.
 */
#include "rules_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sef/wire.h>

/* Read a file of less than `size` bytes to `text`, and end it with a zero. Returns its length or a
 * negative errno value. */
static ssize_t read_file(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t len = 0;
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0 && len < size) {
        n = read(fd, text + len, size - len);
        len += n > 0 ? (size_t) n : 0;
    }
    if (n < 0)
        n = -errno;
    else if (len == size)
        n = -EFBIG;
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return n;
    text[len] = '\0';
    return (ssize_t) len;
}

int rules_add_policy(char **lines, const char *arg)
{
    const char *equals = strchr(arg, '=');
    char *more;
    if (!equals || equals == arg || !equals[1] || strchr(arg, '\n'))
        return -EINVAL;
    if (asprintf(&more, "%spolicy %s\n", *lines ? *lines : "", arg) < 0)
        return -ENOMEM;
    free(*lines);
    *lines = more;
    return 0;
}

static bool fill(const char *tool, const char *file, const char *policies, char *text, size_t size)
{
    ssize_t len = file ? read_file(file, text, size) : 0;
    if (len == -EFBIG)
        fprintf(stderr, "%s: rules %s: more than %d bytes\n", tool, file, SEF_WIRE_RULES_MAX);
    else if (len < 0)
        fprintf(stderr, "%s: rules %s: %s\n", tool, file, strerror((int) -len));
    else if (strlen(text) != (size_t) len)
        fprintf(stderr, "%s: rules %s: a zero byte\n", tool, file);
    else if (!policies)
        return true;
    else if (snprintf(text + len, size - (size_t) len, "%s%s",
                 len && text[len - 1] != '\n' ? "\n" : "", policies) >= (int) size - (int) len)
        fprintf(
            stderr, "%s: rules and policies have more than %d bytes\n", tool, SEF_WIRE_RULES_MAX);
    else
        return true;
    return false;
}

char *rules_text(const char *tool, const char *file, const char *policies)
{
    char *text = calloc(1, SEF_WIRE_RULES_MAX + 1);
    if (!text)
        fprintf(stderr, "%s: %s\n", tool, strerror(ENOMEM));
    else if (fill(tool, file, policies, text, SEF_WIRE_RULES_MAX + 1))
        return text;
    free(text);
    return NULL;
}
