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

int duration_parse(const char *text, unsigned *ret_ms)
{
    static const struct {
        const char *unit;
        double ms;
    } units[] = {
        { "", 1e3 },
        { "ms", 1 },
        { "s", 1e3 },
        { "m", 6e4 },
    };
    if (strspn(text, "0123456789.") == 0)
        return -EINVAL;
    char *end;
    double n = strtod(text, &end);
    if (end == text || end != text + strspn(text, "0123456789."))
        return -EINVAL;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].unit) == 0) {
            double ms = ceil(n * units[i].ms);
            if (!(ms >= 1 && ms <= TIMEOUT_MAX_MS))
                return -ERANGE;
            *ret_ms = (unsigned) ms;
            return 0;
        }
    }
    return -EINVAL;
}
