/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed, as a page for a review: decisions, all changes, and the layouts of all types that changed.
 */
#include <string.h>

#include "diff_show.h"
#include "html.h"

static const char style[] =
    ".place{opacity:.7;font-size:.85em;white-space:nowrap}"
    ".verdict{font-weight:600;text-transform:capitalize}"
    ".question{border-left:4px solid #b06a00;padding:.1em 0 .1em 1em;margin:1em 0}"
    ".question.impossible{border-color:#d03030}"
    ".live{font-size:.8em;border:1px solid var(--line);border-radius:.6em;padding:0 .5em}";

static const char *colour_of(const char *verdict)
{
    return strcmp(verdict, "impossible") == 0 ? "bad"
           : strcmp(verdict, "decision") == 0 ? "warn"
                                              : "ok";
}

static void put_place(FILE *out, const json_t *change)
{
    const json_t *place = json_object_get(change, "new");
    if (!place)
        place = json_object_get(change, "old");
    if (!place)
        return;
    fputs(" <span class=\"place\">", out);
    html_textf(out, "%s:%" JSON_INTEGER_FORMAT, diff_text_of(place, "file"),
        diff_number_of(place, "line"));
    fputs("</span>", out);
}

static void put_summary(FILE *out, const json_t *diff)
{
    const json_t *counts = json_object_get(diff, "counts");
    static const char *const verdicts[] = { "decision", "impossible", "automatic", "live" };
    static const char *const words[] = { "need a decision", "impossible", "automatic",
        "of all depend on live values" };
    fputs("<p>", out);
    html_textf(out, "%s \u2192 %s", diff_text_of(diff, "old"), diff_text_of(diff, "new"));
    fputs("</p>\n<p>This update: <span class=\"verdict ", out);
    fprintf(out, "%s\">", colour_of(diff_text_of(diff, "verdict")));
    html_text(out, diff_text_of(diff, "verdict"));
    fputs("</span>. Changes: ", out);
    for (size_t i = 0; i < sizeof verdicts / sizeof verdicts[0]; i++)
        fprintf(out, "%s%" JSON_INTEGER_FORMAT " %s", i ? ", " : "",
            diff_number_of(counts, verdicts[i]), words[i]);
    fputs(".</p>\n", out);
}

/* -- what has to be decided --------------------------------------------------------------- */

static void put_question(FILE *out, const json_t *change)
{
    const json_t *rules = json_object_get(change, "rules"), *rule;
    size_t i;
    fprintf(out, "<div class=\"question %s\">\n<p><code>",
        diff_is(change, "verdict", "impossible") ? "impossible" : "decision");
    html_text(out, diff_text_of(change, "entity"));
    fputs("</code>", out);
    put_place(out, change);
    fputs(": ", out);
    html_text(out, diff_text_of(change, "text"));
    fputs("</p>\n", out);
    json_array_foreach(rules, i, rule)
    {
        fputs("<p>", out);
        html_text(out, diff_text_of(rule, "effect"));
        fputs(":</p>\n<pre>", out);
        html_text(out, diff_text_of(rule, "rule"));
        fputs("</pre>\n", out);
    }
    if (*diff_text_of(change, "otherwise")) {
        fputs("<p class=\"note\">Without a rule: ", out);
        html_text(out, diff_text_of(change, "otherwise"));
        fputs(".</p>\n", out);
    }
    fputs("</div>\n", out);
}

/* -- all changes -------------------------------------------------------------------------- */

static void put_row(FILE *out, const json_t *change)
{
    const char *verdict = diff_text_of(change, "verdict");
    fputs("<tr><td><code>", out);
    html_text(out, diff_text_of(change, "entity"));
    fputs("</code>", out);
    put_place(out, change);
    fputs("</td><td>", out);
    html_text(out, diff_text_of(change, "event"));
    fprintf(out, "</td><td class=\"%s\">", colour_of(verdict));
    html_text(out, verdict);
    if (json_is_true(json_object_get(change, "live")))
        fputs(" <span class=\"live\">live value</span>", out);
    fputs("</td><td>", out);
    html_text(out, diff_text_of(change, "text"));
    fputs("</td></tr>\n", out);
}

static void put_changes(FILE *out, const json_t *changes)
{
    const json_t *change;
    size_t i;
    if (json_array_size(changes) == 0)
        return;
    fputs("<h2>All changes</h2>\n<p class=\"note\">\u201clive value\u201d: refused if a live value "
          "does not fit; only an update or a rehearsal can tell.</p>\n<table>\n"
          "<tr><th>What</th><th>Change</th><th>Verdict</th><th>What is done</th></tr>\n",
        out);
    json_array_foreach(changes, i, change)
    {
        put_row(out, change);
    }
    fputs("</table>\n", out);
}

static void put_layouts(FILE *out, const json_t *types)
{
    const json_t *type;
    size_t i;
    if (json_array_size(types) == 0)
        return;
    fputs("<h2>Types that changed</h2>\n<p class=\"key\"><span class=\"moved\">moved</span>"
          "<span class=\"changed\">converted</span><span class=\"renamed\">renamed</span>"
          "<span class=\"added\">added</span><span class=\"removed\">removed</span>"
          "offsets and sizes in bytes; bit-fields as byte.bit</p>\n",
        out);
    json_array_foreach(types, i, type)
    {
        diff_show_layout(out, type);
    }
}

void diff_show_html(FILE *out, const json_t *diff)
{
    const json_t *changes = json_object_get(diff, "changes");
    char css[4096];
    snprintf(css, sizeof css, "%s%s", style, diff_layout_style);
    html_open(out, "What the update changes", css);
    put_summary(out, diff);
    diff_show_each(out, changes, "decision", "<h2>Needs a decision</h2>\n", put_question);
    diff_show_each(out, changes, "impossible", "<h2>Impossible, unless a callback does it</h2>\n",
        put_question);
    put_layouts(out, json_object_get(diff, "types"));
    put_changes(out, changes);
    html_close(out);
}
