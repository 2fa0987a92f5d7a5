/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The report of an update as one JSON object (docs/control-protocol.md): the daemon's reply, how it
 * came out in a word, when, and what was asked for.
 */
#include "report.h"

#include <time.h>

/* "2026-01-31T12:00:00Z". */
static json_t *now(void)
{
    char text[32];
    time_t seconds = time(NULL);
    struct tm utc;
    if (!gmtime_r(&seconds, &utc) || strftime(text, sizeof text, "%FT%TZ", &utc) == 0)
        return json_null();
    return json_string(text);
}

static const char *outcome(const json_t *reply)
{
    if (!reply)
        return "unknown";
    if (!reply_is_ok(reply))
        return "not updated";
    return json_is_true(json_object_get(reply, "rehearsal")) ? "rehearsed" : "updated";
}

int64_t messages_left_out(const json_t *reply, const char *key)
{
    json_t *counts = json_object_get(reply, "counts");
    int64_t more = json_integer_value(json_object_get(counts, key)) -
                   (int64_t) json_array_size(json_object_get(reply, key));
    return more > 0 ? more : 0;
}

/* Copy members that are there. */
static void copy(json_t *to, const json_t *from, const char *const keys[])
{
    for (; *keys; keys++) {
        json_t *value = json_object_get(from, *keys);
        if (value)
            (void) json_object_set(to, *keys, value);
    }
}

json_t *report_new(const json_t *request, const json_t *reply)
{
    static const char *const asked[] = { "label", "image", "state", "eval", "timeout_ms", "rules",
        NULL };
    static const char *const told[] = { "result", "text", "label", "image", "rehearsal", "verify",
        "from", "to", "running", "pid", "generation", "pause_ns", "phases_ns", "counts", "policies",
        "warnings", "differences", "error", NULL };
    json_t *report =
        json_pack("{s:i, s:s, s:s}", "version", 1, "type", "report", "outcome", outcome(reply));
    if (!report)
        return NULL;
    (void) json_object_set_new(report, "time", now());
    copy(report, request, asked);
    copy(report, reply, told);
    if (!reply)
        (void) json_object_set_new(
            report, "text", json_string("no answer from sefd: what became of it is not known"));
    (void) json_object_set_new(
        report, "warnings_left_out", json_integer(messages_left_out(reply, "warnings")));
    return report;
}
