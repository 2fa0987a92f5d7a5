/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading of labels, quiescence states and durations.
 */
#include "names.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

static const char *const state_names[] = {
    [SEF_LU_STATE_WORK_FREE] = "work-free",
    [SEF_LU_STATE_REQUEST_FREE] = "request-free",
    [SEF_LU_STATE_PROTOCOL_FREE] = "protocol-free",
    [SEF_LU_STATE_EVAL] = "eval",
    [SEF_LU_STATE_UNREACHABLE] = "unreachable",
    [SEF_LU_STATE_PREPARE_CRASH] = "prepare-crash",
};
enum { N_STATE_NAMES = sizeof state_names / sizeof state_names[0] };

struct unit {
    const char *name;
    double scale;
};

/* Durations in ms; those that take long stand behind the short ones. */
static const struct unit spans[] = {
    { "", 1e3 },
    { "ms", 1 },
    { "s", 1e3 },
    { "m", 6e4 },
    { "h", 36e5 },
    { "d", 864e5 },
};
enum { N_SPANS = sizeof spans / sizeof spans[0], N_SHORT_SPANS = 4 };

static const struct unit sizes[] = {
    { "", 1 },
    { "K", 1ull << 10 },
    { "M", 1ull << 20 },
    { "G", 1ull << 30 },
    { "T", 1ull << 40 },
};
enum { N_SIZES = sizeof sizes / sizeof sizes[0] };

bool label_is_valid(const char *label)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    size_t len = strlen(label);
    if (len == 0 || len > LABEL_MAX || strspn(label, allowed) != len)
        return false;
    return strcmp(label, ".") != 0 && strcmp(label, "..") != 0;
}

int state_parse(const char *text, int *ret)
{
    for (int i = 0; i < N_STATE_NAMES; i++) {
        if (state_names[i] && strcmp(text, state_names[i]) == 0) {
            *ret = i;
            return 0;
        }
    }
    char *end;
    errno = 0;
    long n = strtol(text, &end, 10);
    if (errno || end == text || *end || n <= SEF_LU_STATE_NULL || n > INT_MAX)
        return -EINVAL;
    *ret = (int) n;
    return 0;
}

const char *state_name(int state)
{
    return state > 0 && state < N_STATE_NAMES ? state_names[state] : NULL;
}

/* A decimal number with a unit, rounded up. */
static int parse_scaled(
    const char *text, const struct unit *units, size_t n_units, double max, double *ret)
{
    size_t len = strspn(text, "0123456789.");
    char *end;
    if (len == 0)
        return -EINVAL;
    double n = strtod(text, &end);
    if (end != text + len)
        return -EINVAL;
    for (size_t i = 0; i < n_units; i++) {
        if (strcmp(end, units[i].name) == 0) {
            *ret = ceil(n * units[i].scale);
            return *ret >= 0 && *ret <= max ? 0 : -ERANGE;
        }
    }
    return -EINVAL;
}

int span_parse(const char *text, uint64_t max_ms, uint64_t *ret_ms)
{
    double ms;
    int r = parse_scaled(text, spans, N_SPANS, (double) max_ms, &ms);
    if (r == 0)
        *ret_ms = (uint64_t) ms;
    return r;
}

int duration_parse(const char *text, unsigned *ret_ms)
{
    double ms;
    int r = parse_scaled(text, spans, N_SHORT_SPANS, TIMEOUT_MAX_MS, &ms);
    if (r == 0 && ms < 1)
        return -ERANGE;
    if (r == 0)
        *ret_ms = (unsigned) ms;
    return r;
}

int size_parse(const char *text, size_t max, size_t *ret)
{
    double n;
    int r = parse_scaled(text, sizes, N_SIZES, (double) max, &n);
    if (r == 0)
        *ret = (size_t) n;
    return r;
}

/* The length of the control character that a text begins with, or 0. */
static size_t control_length(const char *text)
{
    const unsigned char *c = (const unsigned char *) text;
    if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0)
        return 2;
    return (c[0] && c[0] < 0x20) || c[0] == 0x7f;
}

void text_clean(char *text, const char *keep)
{
    for (size_t n; *text; text += n ? n : 1) {
        n = control_length(text);
        if (n && !strchr(keep, *text))
            memset(text, ' ', n);
    }
}
