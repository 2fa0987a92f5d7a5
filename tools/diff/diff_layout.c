/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Old and new layout of a type side by side, as HTML.
 *
 * Rows have one height, so that lines between the members that are pairs can be drawn without a script.
 */
#include <stdlib.h>
#include <string.h>

#include "diff_show.h"
#include "html.h"

enum { ROW = 24, GAP = 90 }; /* pixels: height of a row, width between the two */

const char diff_layout_style[] =
    "h3{margin-bottom:.2em}"
    ".layouts{display:flex;align-items:flex-start;overflow-x:auto;margin:.6em 0 2em}"
    ".layouts table{flex:1 1 0;min-width:24em;margin:0;table-layout:fixed}"
    ".layouts svg{flex:none}"
    ".layouts tr{height:24px}"
    ".layouts td,.layouts th{padding:0 .5em;height:24px;box-sizing:border-box;overflow:hidden;"
    "text-overflow:ellipsis;white-space:nowrap;font:13px ui-monospace,monospace;"
    "vertical-align:middle}"
    ".layouts th{font-weight:600;opacity:.7}"
    ".layouts .at{width:4.6em;text-align:right}.layouts .of{width:4.6em;text-align:right}"
    ".padding td{opacity:.55;background:repeating-linear-gradient(135deg,transparent 0 5px,"
    "var(--soft) 5px 10px)}"
    ".added td{background:#2a8a3e33}.removed td{background:#d0303033}"
    ".moved td{background:#3070d022}.changed td{background:#d0901033}"
    ".renamed td{background:#9050c033}"
    "path.same{stroke:#8888}path.moved{stroke:#3070d0}path.changed{stroke:#d09010}"
    "path.renamed{stroke:#9050c0}path{fill:none;stroke-width:2}"
    ".key span{padding:0 .5em;margin-right:.6em;font:13px ui-monospace,monospace}"
    ".key .moved{background:#3070d022}.key .changed{background:#d0901033}"
    ".key .renamed{background:#9050c033}.key .added{background:#2a8a3e33}"
    ".key .removed{background:#d0303033}";

static const char *state_of(const json_t *row)
{
    static const char *const states[] = { "same", "moved", "changed", "renamed", "added",
        "removed" };
    const char *state = diff_text_of(row, "state");
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(state, states[i]) == 0)
            return states[i];
    }
    return "padding";
}

/* -- structures --------------------------------------------------------------------------- */

static void put_offset(FILE *out, const json_t *row, bool bits)
{
    fprintf(out, "<td class=\"at\">%" JSON_INTEGER_FORMAT, diff_number_of(row, "offset"));
    if (bits)
        fprintf(out, ".%" JSON_INTEGER_FORMAT, diff_number_of(row, "bit"));
    fputs("</td>", out);
}

static void put_padding(FILE *out, const json_t *row)
{
    json_int_t bits = diff_number_of(row, "padding_bits");
    bool whole = bits % 8 == 0 && diff_number_of(row, "bit") == 0;
    fputs("<tr class=\"padding\">", out);
    put_offset(out, row, !whole);
    fprintf(out, "<td class=\"of\">%" JSON_INTEGER_FORMAT "%s</td><td>padding</td></tr>\n",
        whole ? bits / 8 : bits, whole ? "" : " bit");
}

static void put_member(FILE *out, const json_t *row)
{
    bool bits = json_object_get(row, "bits") != NULL;
    const char *name = diff_text_of(row, "name");
    fprintf(out, "<tr class=\"%s\">", state_of(row));
    put_offset(out, row, bits);
    fprintf(out, "<td class=\"of\">%" JSON_INTEGER_FORMAT "%s</td><td title=\"",
        diff_number_of(row, bits ? "bits" : "size"), bits ? " bit" : "");
    html_textf(out, "%s %s", diff_text_of(row, "type"), name);
    fputs("\"><b>", out);
    html_text(out, *name ? name : "(anonymous)");
    fputs("</b> ", out);
    html_text(out, diff_text_of(row, "type"));
    fputs("</td></tr>\n", out);
}

static void put_side(FILE *out, const json_t *layout, const char *which)
{
    const json_t *rows = json_object_get(layout, "members"), *row;
    size_t i;
    fputs("<table>\n<tr><th class=\"at\">offset</th><th class=\"of\">size</th><th>", out);
    fprintf(out,
        "%s: %" JSON_INTEGER_FORMAT " bytes, aligned to %" JSON_INTEGER_FORMAT "</th></tr>\n",
        which, diff_number_of(layout, "size"), diff_number_of(layout, "align"));
    json_array_foreach(rows, i, row)
    {
        if (json_object_get(row, "padding_bits"))
            put_padding(out, row);
        else
            put_member(out, row);
    }
    fputs("</table>\n", out);
}

/* The row in which the member with this number is; there are rows for padding between them. */
static size_t row_of(const json_t *rows, json_int_t member)
{
    const json_t *row;
    size_t i;
    json_array_foreach(rows, i, row)
    {
        if (!json_object_get(row, "padding_bits") && member-- == 0)
            break;
    }
    return i;
}

static void put_lines(FILE *out, const json_t *o, const json_t *n)
{
    size_t rows = json_array_size(o) > json_array_size(n) ? json_array_size(o) : json_array_size(n);
    const json_t *row;
    size_t i;
    fprintf(out, "<svg width=\"%d\" height=\"%zu\" aria-hidden=\"true\">\n", GAP, (rows + 1) * ROW);
    json_array_foreach(o, i, row)
    {
        if (!json_object_get(row, "pair"))
            continue;
        size_t from = (i + 1) * ROW + ROW / 2;
        size_t to = (row_of(n, diff_number_of(row, "pair")) + 1) * ROW + ROW / 2;
        fprintf(out, "<path class=\"%s\" d=\"M0 %zuC%d %zu %d %zu %d %zu\"/>\n", state_of(row),
            from, GAP / 2, from, GAP / 2, to, GAP, to);
    }
    fputs("</svg>\n", out);
}

/* -- enums -------------------------------------------------------------------------------- */

static void put_enumerators(
    FILE *out, const json_t *layout, const json_t *other, const char *which, const char *alone)
{
    const json_t *rows = json_object_get(layout, "enumerators"), *row, *peer;
    size_t i, j;
    fprintf(out, "<table>\n<tr><th class=\"at\">value</th><th>%s</th></tr>\n", which);
    json_array_foreach(rows, i, row)
    {
        const char *state = alone;
        json_array_foreach(json_object_get(other, "enumerators"), j, peer)
        {
            if (strcmp(diff_text_of(peer, "name"), diff_text_of(row, "name")) == 0)
                state = diff_number_of(peer, "value") == diff_number_of(row, "value") ? "same"
                                                                                      : "moved";
        }
        fprintf(out, "<tr class=\"%s\"><td class=\"at\">%" JSON_INTEGER_FORMAT "</td><td><b>",
            state, diff_number_of(row, "value"));
        html_text(out, diff_text_of(row, "name"));
        fputs("</b></td></tr>\n", out);
    }
    fputs("</table>\n", out);
}

/* -- all ---------------------------------------------------------------------------------- */

static void put_places(FILE *out, const json_t *o, const json_t *n)
{
    const json_t *from = json_object_get(o, "place"), *to = json_object_get(n, "place");
    fputs("<p class=\"note\">", out);
    html_textf(out, "%s:%" JSON_INTEGER_FORMAT " \u2192 %s:%" JSON_INTEGER_FORMAT,
        diff_text_of(from, "file"), diff_number_of(from, "line"), diff_text_of(to, "file"),
        diff_number_of(to, "line"));
}

void diff_show_layout(FILE *out, const json_t *type)
{
    const json_t *o = json_object_get(type, "old"), *n = json_object_get(type, "new");
    const char *name = diff_text_of(type, "type"), *holders = diff_text_of(type, "holders");
    fputs("<h3><code>", out);
    html_text(out, *name ? name : diff_text_of(n, "type"));
    fputs("</code></h3>\n", out);
    put_places(out, o, n);
    html_textf(out, "%s%s", *holders ? "; held by " : "", holders);
    fputs("</p>\n<div class=\"layouts\">\n", out);
    if (json_object_get(n, "enumerators")) {
        put_enumerators(out, o, n, "old", "removed");
        fprintf(out, "<svg width=\"%d\" height=\"1\"></svg>\n", GAP);
        put_enumerators(out, n, o, "new", "added");
    } else {
        put_side(out, o, "old");
        put_lines(out, json_object_get(o, "members"), json_object_get(n, "members"));
        put_side(out, n, "new");
    }
    fputs("</div>\n", out);
}
