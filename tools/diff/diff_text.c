/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed, as text: what somebody has to do comes first, and what is of one kind is on one line.
 */
#include <string.h>

#include "diff_show.h"

enum { NAMES_MAX = 12, SITES_MAX = 20 };

/* -- heading ------------------------------------------------------------------------------ */

static void put_count(FILE *out, json_int_t n, const char *one, const char *many, bool *any)
{
    if (n)
        fprintf(out, "%s%" JSON_INTEGER_FORMAT " %s", *any ? ", " : "", n, n == 1 ? one : many);
    *any = *any || n;
}

static void put_heading(FILE *out, const json_t *diff)
{
    const json_t *counts = json_object_get(diff, "counts");
    json_int_t live = diff_number_of(counts, "live");
    bool any = false;
    fprintf(out, "%s -> %s\n", diff_text_of(diff, "old"), diff_text_of(diff, "new"));
    put_count(out, diff_number_of(counts, "decision"), "decision is needed", "decisions are needed",
        &any);
    put_count(out, diff_number_of(counts, "impossible"), "change is impossible",
        "changes are impossible", &any);
    put_count(out, diff_number_of(counts, "automatic"), "change is automatic",
        "changes are automatic", &any);
    if (live)
        fprintf(out, "; %" JSON_INTEGER_FORMAT " of all depend%s on live values", live,
            live == 1 ? "s" : "");
    fputs(any ? "\n" : "nothing changed\n", out);
}

static void put_unchanged(FILE *out, const json_t *diff)
{
    const json_t *unchanged = json_object_get(diff, "unchanged");
    bool any = false;
    fputs("\nUnchanged: ", out);
    put_count(out, diff_number_of(unchanged, "variable"), "variable", "variables", &any);
    put_count(out, diff_number_of(unchanged, "function"), "function", "functions", &any);
    put_count(out, diff_number_of(unchanged, "type"), "type", "types", &any);
    put_count(out, diff_number_of(unchanged, "site"), "allocation site", "allocation sites", &any);
    fputs(any ? "\n" : "nothing\n", out);
}

/* -- one change --------------------------------------------------------------------------- */

/* " (a.c:3)", or " (a.c:3 -> b.c:4)" when it went to another file; statics have the file in their name. */
static void put_place(FILE *out, const json_t *change)
{
    const json_t *o = json_object_get(change, "old"), *n = json_object_get(change, "new");
    const json_t *at = n ? n : o;
    const char *file = diff_text_of(at, "file");
    if (!at)
        return;
    if (o && n && strcmp(diff_text_of(o, "file"), file) != 0)
        fprintf(out, " (%s:%" JSON_INTEGER_FORMAT " -> %s:", diff_text_of(o, "file"),
            diff_number_of(o, "line"), file);
    else if (strstr(diff_text_of(change, "entity"), file))
        fputs(" (line ", out);
    else
        fprintf(out, " (%s:", file);
    fprintf(out, "%" JSON_INTEGER_FORMAT ")", diff_number_of(at, "line"));
}

/* A change with the lines to write, which can be pasted as they are. */
static void put_question(FILE *out, const json_t *change)
{
    const json_t *rules = json_object_get(change, "rules"), *rule;
    size_t i;
    fprintf(out, "  %s", diff_text_of(change, "entity"));
    put_place(out, change);
    fprintf(out, ": %s\n", diff_text_of(change, "text"));
    json_array_foreach(rules, i, rule)
    {
        fprintf(
            out, "    # %s:\n    %s\n", diff_text_of(rule, "effect"), diff_text_of(rule, "rule"));
    }
    if (*diff_text_of(change, "otherwise"))
        fprintf(out, "    # without a rule: %s\n", diff_text_of(change, "otherwise"));
}

/* -- what is automatic -------------------------------------------------------------------- */

/* The name of a member below its type. */
static const char *short_name(const json_t *change)
{
    const char *entity = diff_text_of(change, "entity"), *dot = strrchr(entity, '.');
    return dot ? dot + 1 : entity;
}

static bool is_member_of(const json_t *change, const json_t *type)
{
    return diff_is(change, "what", "member") && diff_is(change, "verdict", "automatic") &&
           strcmp(diff_text_of(change, "type"), diff_text_of(type, "type")) == 0;
}

enum { MOVES_SHOWN = 4 };

/* Members that follow one another and move by as much. */
struct moves {
    const json_t *changes[MOVES_SHOWN]; /**< the first of them, in the last place the last one */
    size_t n;
    long by;
};

static void put_move(FILE *out, const json_t *change)
{
    const char *text = diff_text_of(change, "text");
    fprintf(out, "%s %s", short_name(change), strncmp(text, "offset ", 7) == 0 ? text + 7 : text);
}

static void put_moves(FILE *out, struct moves *m, const char **between)
{
    if (m->n > MOVES_SHOWN) {
        fputs(*between, out);
        put_move(out, m->changes[0]);
        fprintf(out, ", %zu more by %ld, ", m->n - 2, m->by);
        put_move(out, m->changes[MOVES_SHOWN - 1]);
        *between = ", ";
    }
    for (size_t i = 0; i < m->n && m->n <= MOVES_SHOWN; i++) {
        fputs(*between, out);
        put_move(out, m->changes[i]);
        *between = ", ";
    }
    m->n = 0;
}

/* How far a member moves; false if bits do. */
static bool read_move(const json_t *change, long *ret)
{
    const char *text = diff_text_of(change, "text");
    long from, to;
    int end = 0;
    if (sscanf(text, "offset %ld -> %ld%n", &from, &to, &end) != 2 || text[end])
        return false;
    *ret = to - from;
    return true;
}

static void put_moved(FILE *out, const json_t *changes, const json_t *type)
{
    struct moves moves = { .n = 0 };
    const json_t *change;
    const char *between = "    moved: ";
    size_t i;
    json_array_foreach(changes, i, change)
    {
        long by = 0;
        if (!is_member_of(change, type) || !diff_is(change, "event", "moved"))
            continue;
        if (!read_move(change, &by) || by != moves.by)
            put_moves(out, &moves, &between);
        moves.changes[moves.n < MOVES_SHOWN ? moves.n : MOVES_SHOWN - 1] = change;
        moves.n++;
        moves.by = by;
    }
    put_moves(out, &moves, &between);
    if (*between == ',')
        fputs("\n", out);
}

static void put_members(FILE *out, const json_t *changes, const json_t *type)
{
    const json_t *change;
    size_t i;
    json_array_foreach(changes, i, change)
    {
        if (!is_member_of(change, type) || diff_is(change, "event", "moved"))
            continue;
        fprintf(out, "    %s %s: %s\n",
            diff_is(change, "event", "added")     ? "+"
            : diff_is(change, "event", "removed") ? "-"
                                                  : "~",
            short_name(change), diff_text_of(change, "text"));
    }
    put_moved(out, changes, type);
}

/* Changes that say nothing but a name go on one line. */
static bool is_listed(const json_t *change)
{
    return diff_is(change, "event", "opaque") ||
           (diff_is(change, "what", "variable") && diff_is(change, "event", "added")) ||
           (diff_is(change, "what", "function") && diff_is(change, "event", "removed")) ||
           (diff_is(change, "what", "type") && diff_is(change, "event", "removed"));
}

static void put_automatic(FILE *out, const json_t *changes)
{
    const json_t *change;
    size_t i;
    json_array_foreach(changes, i, change)
    {
        if (!diff_is(change, "verdict", "automatic") || is_listed(change) ||
            diff_is(change, "what", "member"))
            continue;
        fprintf(out, "  %s", diff_text_of(change, "entity"));
        put_place(out, change);
        fprintf(out, ": %s\n", diff_text_of(change, "text"));
        if (diff_is(change, "what", "type"))
            put_members(out, changes, change);
    }
}

static void put_list(
    FILE *out, const json_t *changes, const char *what, const char *event, const char *heading)
{
    const json_t *change;
    const char *text = NULL;
    size_t i, n = 0;
    json_array_foreach(changes, i, change)
    {
        const char *name = strchr(diff_text_of(change, "entity"), ' ');
        if (!diff_is(change, "what", what) || !diff_is(change, "event", event) ||
            !diff_is(change, "verdict", "automatic"))
            continue;
        /* What is said may differ: live objects of some removed types stay, others have none. */
        if (!text || strcmp(text, diff_text_of(change, "text")) != 0) {
            fprintf(out, "%s  %s", n ? "\n" : "", heading);
            if (!diff_is(change, "event", "added"))
                fprintf(out, " (%s)", diff_text_of(change, "text"));
            fputs(": ", out);
            text = diff_text_of(change, "text");
            n = 0;
        }
        if (n < NAMES_MAX)
            fprintf(out, "%s%s", n ? ", " : "",
                diff_is(change, "what", "type") || !name ? diff_text_of(change, "entity")
                                                         : name + 1);
        else if (n == NAMES_MAX)
            fputs(", ...", out);
        n++;
    }
    if (n)
        fputs("\n", out);
}

static void put_sites(FILE *out, const json_t *changes)
{
    const json_t *change;
    size_t i, n = 0;
    json_array_foreach(changes, i, change)
    {
        if (!diff_is(change, "event", "opaque"))
            continue;
        if (n == 0)
            fprintf(out, "  allocations of unknown type (%s):\n", diff_text_of(change, "text"));
        if (n++ < SITES_MAX) {
            const json_t *place = json_object_get(change, "old");
            fprintf(out, "    %s:%" JSON_INTEGER_FORMAT ": %s\n", diff_text_of(place, "file"),
                diff_number_of(place, "line"), diff_text_of(change, "entity"));
        }
    }
    if (n > SITES_MAX)
        fprintf(out, "    and %zu more\n", n - SITES_MAX);
}

void diff_show_text(FILE *out, const json_t *diff)
{
    const json_t *changes = json_object_get(diff, "changes");
    json_int_t omitted = diff_number_of(diff, "omitted");
    put_heading(out, diff);
    diff_show_each(out, changes, "decision",
        "\nNeeds a decision: write one of the lines into a file for --rules.\n", put_question);
    diff_show_each(
        out, changes, "impossible", "\nImpossible, unless a callback does it:\n", put_question);
    if (diff_number_of(json_object_get(diff, "counts"), "automatic"))
        fputs("\nAutomatic:\n", out);
    put_automatic(out, changes);
    put_list(out, changes, "variable", "added", "new variables, which keep their initial values");
    put_list(out, changes, "function", "removed", "functions that are gone");
    put_list(out, changes, "type", "removed", "types that are gone");
    put_sites(out, changes);
    if (omitted)
        fprintf(out, "  and %" JSON_INTEGER_FORMAT " more changes\n", omitted);
    put_unchanged(out, diff);
}
