/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Telling the user: results, the phases of an update.
 *
 * A reply is read with defaults: a daemon that leaves a member out shows as zero or empty.
 */
#include "sefctl.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "diff_show.h"
#include "names.h"
#include "report.h"

const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

int64_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static double ms_of(const json_t *object, const char *key)
{
    return (double) number_of(object, key) / 1e6;
}

/* ---- update ------------------------------------------------------------------------------ */

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

static void print_phases(const json_t *reply)
{
    static const char *const names[] = {
#define PHASE_NAME(key, field) key,
        UPDATE_PHASES(PHASE_NAME)
#undef PHASE_NAME
            "commit",
    };
    const json_t *phases = json_object_get(reply, "phases_ns");
    printf(" in %.1f ms pause: ", ms_of(reply, "pause_ns"));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i], "verify") != 0 || json_is_true(json_object_get(reply, "verify")))
            printf("%s%s %.1f", i ? ", " : "", names[i], ms_of(phases, names[i]));
    }
}

static void print_counts(const json_t *reply)
{
    const json_t *counts = json_object_get(reply, "counts");
    int64_t vars = number_of(counts, "vars_paired"), objects = number_of(counts, "objects");
    int64_t pointers = number_of(counts, "ptrs_precise");
    int64_t warnings = number_of(counts, "warnings");
    printf("; %" PRId64 " variable%s, %" PRId64 " object%s (%" PRId64 " rebuilt), %" PRId64
           " pointer%s precise, %" PRId64 " conservative, %" PRId64 " warning%s\n",
        vars, plural(vars), objects, plural(objects), number_of(counts, "objects_moved"), pointers,
        plural(pointers), number_of(counts, "ptrs_conservative"), warnings, plural(warnings));
}

/* Warnings or differences. The runtime names each place once, and the daemon passes on what fits; the
 * count tells of all. */
static void print_messages(
    FILE *out, const struct options *o, const json_t *reply, const char *key, const char *what)
{
    const json_t *messages = json_object_get(reply, key), *message;
    size_t i;
    json_array_foreach(messages, i, message)
    {
        fprintf(out, "%s: %s: %s\n", o->label, what, text_of(message, "text"));
    }
    int64_t more = messages_left_out(reply, key);
    if (more > 0)
        fprintf(out, "%s: %" PRId64 " more %s%s like these\n", o->label, more, what, plural(more));
}

static void print_verified(const struct options *o, const json_t *reply)
{
    const json_t *counts = json_object_get(reply, "counts");
    int64_t checked = number_of(counts, "values_checked");
    int64_t unchecked = number_of(counts, "values_unchecked");
    if (!json_is_true(json_object_get(reply, "verify")))
        return;
    printf("%s: verified: %" PRId64 " value%s transferred back, %" PRId64
           " part%s of them could not be checked\n",
        o->label, checked, plural(checked), unchecked, plural(unchecked));
}

/* "updated" or "updated: and why this was unusual"; the first word is the verb. */
static void print_update(const struct options *o, const json_t *reply)
{
    const char *text = text_of(reply, "text"), *colon = strchr(text, ':');
    bool rehearsal = json_is_true(json_object_get(reply, "rehearsal"));
    printf("%s: %s %s", o->label, rehearsal ? "rehearsed the update to" : "updated to",
        o->image ? o->image : text_of(reply, "image"));
    if (!rehearsal)
        printf(" (generation %" PRId64 ")", number_of(reply, "generation"));
    print_phases(reply);
    print_counts(reply);
    print_verified(o, reply);
    print_messages(stdout, o, reply, "warnings", "warning");
    if (colon)
        printf("%s%s\n", o->label, colon);
}

/* What is explained may be an update that would be refused. */
static void print_explanation(const struct options *o, const json_t *reply)
{
    diff_show_text(stdout, json_object_get(reply, "diff"));
    if (json_is_true(json_object_get(reply, "refused")))
        printf("\n%s: would be refused: %s\n", o->label, text_of(reply, "text"));
}

static void print_failed_update(const struct options *o, const json_t *reply)
{
    fprintf(stderr, "%s: not updated: %s\n", o->label, text_of(reply, "text"));
    print_messages(stderr, o, reply, "differences", "difference");
    if (json_is_true(json_object_get(reply, "running")))
        fprintf(stderr, "%s: the old version goes on (generation %" PRId64 ")\n", o->label,
            number_of(reply, "generation"));
    else if (json_object_get(reply, "running"))
        fprintf(stderr, "%s: the service is not running\n", o->label);
}

/* ---- all --------------------------------------------------------------------------------- */

static void print_json(const json_t *reply)
{
    (void) json_dumpf(reply, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    printf("\n");
}

bool reply_is_ok(const json_t *reply)
{
    const json_t *result = json_object_get(reply, "result");
    return json_is_integer(result) && json_integer_value(result) == 0;
}

static void print_update_result(const struct options *o, const json_t *reply, bool ok)
{
    if (json_object_get(reply, "diff")) {
        diff_show_text(stdout, json_object_get(reply, "diff"));
        printf("\n");
        (void) fflush(stdout); /* before the result, which goes elsewhere if it is a refusal */
    }
    if (!ok)
        print_failed_update(o, reply);
    else if (json_object_get(reply, "phases_ns") && !o->prepare_only)
        print_update(o, reply);
    else
        printf("%s: %s\n", o->label, text_of(reply, "text"));
}

/* The result of a command that has nothing to show but a text. */
static void print_text(const struct options *o, const json_t *reply, bool ok)
{
    const char *text = text_of(reply, "text");
    if (!ok)
        fprintf(stderr, "%s: %s\n", o->label ? o->label : "sefctl", text);
    else if (json_object_get(reply, "pid"))
        printf("%s: %s, process %" PRId64 "\n", o->label, text, number_of(reply, "pid"));
    else if (o->command == COMMAND_DOWN && !o->no_block)
        printf("%s: down (%s)\n", o->label, text);
    else
        printf("%s: %s\n", o->label ? o->label : "sefctl", text);
}

int report(const struct options *o, const json_t *reply)
{
    bool ok = reply_is_ok(reply);
    if (ok && o->report && strcmp(o->report, "-") == 0)
        return EXIT_OK;
    if (o->json)
        print_json(reply);
    else if (o->command == COMMAND_STATUS && ok)
        report_status(o, reply);
    else if (o->command == COMMAND_UPD_STATUS && ok)
        report_queue(reply);
    else if (o->command == COMMAND_RELOAD)
        report_units(reply);
    else if (o->command == COMMAND_EDIT && ok)
        report_settings(o, reply);
    else if (o->explain && ok)
        print_explanation(o, reply);
    else if (o->command == COMMAND_UPDATE || o->command == COMMAND_RERANDOMIZE)
        print_update_result(o, reply, ok);
    else
        print_text(o, reply, ok);
    return ok ? EXIT_OK : EXIT_REFUSED;
}
