/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The report of an update as a page.
 *
 * A report is read with defaults, as a reply is: what is missing is left out.
 */
#include "report.h"

#include <inttypes.h>
#include <string.h>

#include "html.h"
#include "names.h"

static const char style[] = ".bar{background:#4a7fd0;height:.9em;min-width:1px}"
                            ".bars td:last-child{width:26em}"
                            ".lead{font-size:1.15em}";

static void heading(FILE *out, const char *text)
{
    fputs("<h2>", out);
    html_text(out, text);
    fputs("</h2>\n", out);
}

/* A row of a name and a text, unless that is empty. */
static void row(FILE *out, const char *name, const char *text)
{
    if (!*text)
        return;
    fputs("<tr><th>", out);
    html_text(out, name);
    fputs("</th><td><code>", out);
    html_text(out, text);
    fputs("</code></td></tr>\n", out);
}

static void number_row(FILE *out, const char *name, int64_t n)
{
    fputs("<tr><th>", out);
    html_text(out, name);
    fprintf(out, "</th><td class=\"num\">%" PRId64 "</td></tr>\n", n);
}

/* ---- What and how ------------------------------------------------------------------------ */

static void image_row(FILE *out, const char *name, const json_t *image)
{
    char text[4096 + 256];
    const char *id = text_of(image, "build_id");
    if (!image)
        return;
    snprintf(text, sizeof text, "%s, generation %" PRId64 "%s%s", text_of(image, "image"),
        number_of(image, "generation"), *id ? ", build id " : "", id);
    row(out, name, text);
}

static void instance_row(FILE *out, const json_t *report)
{
    char text[128];
    if (!json_object_get(report, "running"))
        return;
    if (json_is_true(json_object_get(report, "running")))
        snprintf(text, sizeof text, "process %" PRId64 ", generation %" PRId64,
            number_of(report, "pid"), number_of(report, "generation"));
    else
        snprintf(text, sizeof text, "not running");
    row(out, "instance now", text);
}

/* Who asked for it learns how far it came. */
static void verify_row(FILE *out, const json_t *report)
{
    const json_t *counts = json_object_get(report, "counts");
    int64_t checked = number_of(counts, "values_checked"), n = number_of(counts, "differences");
    char text[128];
    if (!json_is_true(json_object_get(report, "verify")))
        return;
    if (checked == 0)
        snprintf(text, sizeof text, "not come to that");
    else
        snprintf(text, sizeof text, "%s: %" PRId64 " values checked, %" PRId64 " differences",
            n ? "no" : "yes", checked, n);
    row(out, "verified", text);
}

static void put_summary(FILE *out, const json_t *report)
{
    const char *outcome = text_of(report, "outcome");
    bool ok = strcmp(outcome, "updated") == 0 || strcmp(outcome, "rehearsed") == 0;
    fprintf(out, "<p class=\"lead %s\"><strong>", ok ? "ok" : "bad");
    html_text(out, outcome);
    fputs("</strong>", out);
    if (!ok || strchr(text_of(report, "text"), ':')) {
        fputs(": ", out);
        html_text(out, text_of(report, "text"));
    }
    fputs("</p>\n<table>\n", out);
    row(out, "service", text_of(report, "label"));
    row(out, "image", json_object_get(report, "to") ? "" : text_of(report, "image"));
    image_row(out, "from", json_object_get(report, "from"));
    image_row(out, "to", json_object_get(report, "to"));
    instance_row(out, report);
    row(out, "condition", text_of(report, "eval"));
    verify_row(out, report);
    row(out, "time", text_of(report, "time"));
    fputs("</table>\n", out);
}

static void put_error(FILE *out, const json_t *report)
{
    const json_t *error = json_object_get(report, "error");
    char place[4096];
    if (!error)
        return;
    heading(out, "What stood in the way");
    fputs("<table>\n", out);
    row(out, "reason", text_of(error, "reason"));
    row(out, "entity", text_of(error, "entity"));
    row(out, "member", text_of(error, "member"));
    row(out, "type", text_of(error, "type"));
    snprintf(place, sizeof place, "%s:%" PRId64, text_of(error, "file"), number_of(error, "line"));
    row(out, "source", *text_of(error, "file") ? place : "");
    row(out, "old address", text_of(error, "old_address"));
    row(out, "new address", text_of(error, "new_address"));
    fputs("</table>\n", out);
}

/* ---- Numbers ----------------------------------------------------------------------------- */

static void put_phases(FILE *out, const json_t *report)
{
    static const char *const names[] = {
#define PHASE_NAME(key, field) key,
        UPDATE_PHASES(PHASE_NAME)
#undef PHASE_NAME
            "commit",
    };
    const json_t *phases = json_object_get(report, "phases_ns");
    int64_t most = 1;
    if (!phases)
        return;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (most < number_of(phases, names[i]))
            most = number_of(phases, names[i]);
    }
    fprintf(out, "<h2>Pause: %.2f ms</h2>\n<table class=\"bars\">\n",
        (double) number_of(report, "pause_ns") / 1e6);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int64_t ns = number_of(phases, names[i]);
        fprintf(out,
            "<tr><th>%s</th><td class=\"num\">%.3f ms</td>"
            "<td><div class=\"bar\" style=\"width:%.1f%%\"></div></td></tr>\n",
            names[i], (double) ns / 1e6, 100.0 * (double) ns / (double) most);
    }
    fputs("</table>\n", out);
}

/* Labels may repeat the keys, but say what is counted. */
static void put_counts(FILE *out, const json_t *report)
{
    static const struct {
        const char *key, *label;
    } labels[] = {
        { "vars_paired", "variables paired" },
        { "vars_converted", "variables converted" },
        { "vars_added", "variables added" },
        { "vars_removed", "variables removed" },
        { "types_changed", "kinds of heap objects whose type changed" },
        { "objects", "heap objects of known type" },
        { "objects_moved", "heap objects rebuilt" },
        { "objects_in_place", "heap objects converted in place" },
        { "bytes_moved", "bytes of rebuilt objects" },
        { "ptrs_precise", "declared pointers forwarded" },
        { "ptrs_conservative", "other words forwarded" },
        { "bytes_scanned", "bytes scanned" },
        { "warnings", "warnings" },
        { "values_checked", "values checked by transferring back" },
        { "values_unchecked", "parts of them that cannot be checked" },
        { "differences", "parts of them that come back otherwise" },
    };
    const json_t *counts = json_object_get(report, "counts");
    if (!counts)
        return;
    heading(out, "State");
    fputs("<table>\n", out);
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        number_row(out, labels[i].label, number_of(counts, labels[i].key));
    fputs("</table>\n", out);
}

/* ---- Findings ---------------------------------------------------------------------------- */

static void put_message(FILE *out, const json_t *message)
{
    const char *entity = text_of(message, "entity"), *file = text_of(message, "file");
    fputs("<tr><td><code>", out);
    html_textf(out, "%s%s", entity, text_of(message, "member"));
    fputs("</code></td><td><code>", out);
    if (*file)
        html_textf(out, "%s:%" PRId64, file, number_of(message, "line"));
    fputs("</code></td><td>", out);
    html_text(out, text_of(message, "text"));
    fputs("</td></tr>\n", out);
}

/* A list of messages, and how many there are that it does not have. */
static void put_messages(FILE *out, const char *title, const json_t *messages, int64_t more)
{
    const json_t *message;
    size_t i;
    if (json_array_size(messages) == 0 && more <= 0)
        return;
    heading(out, title);
    fputs("<table>\n<tr><th>what</th><th>where</th><th>message</th></tr>\n", out);
    json_array_foreach(messages, i, message) put_message(out, message);
    fputs("</table>\n", out);
    if (more > 0)
        fprintf(out, "<p class=\"warn\">%" PRId64 " more like these.</p>\n", more);
}

static void put_policies(FILE *out, const json_t *report)
{
    const json_t *policies = json_object_get(report, "policies"), *policy;
    size_t i;
    if (json_array_size(policies) == 0)
        return;
    heading(out, "Policies");
    fputs("<table>\n<tr><th>policy</th><th>action</th><th class=\"num\">cases</th></tr>\n", out);
    json_array_foreach(policies, i, policy)
    {
        fputs("<tr><td><code>", out);
        html_text(out, text_of(policy, "name"));
        fputs("</code></td><td>", out);
        html_text(out, text_of(policy, "action"));
        fprintf(out, "</td><td class=\"num\">%" PRId64 "</td></tr>\n", number_of(policy, "count"));
    }
    fputs("</table>\n", out);
}

static void put_rules(FILE *out, const json_t *report)
{
    const char *rules = text_of(report, "rules");
    if (!*rules)
        return;
    heading(out, "Rules given");
    fputs("<pre>", out);
    html_text(out, rules);
    fputs("</pre>\n", out);
}

void report_html(FILE *out, const json_t *report)
{
    char title[256];
    snprintf(title, sizeof title, "Update of %s: %s", text_of(report, "label"),
        text_of(report, "outcome"));
    html_open(out, title, style);
    put_summary(out, report);
    put_error(out, report);
    put_phases(out, report);
    put_counts(out, report);
    put_messages(out, "Differences", json_object_get(report, "differences"),
        messages_left_out(report, "differences"));
    put_messages(out, "Warnings", json_object_get(report, "warnings"),
        messages_left_out(report, "warnings"));
    put_policies(out, report);
    put_rules(out, report);
    html_close(out);
}
