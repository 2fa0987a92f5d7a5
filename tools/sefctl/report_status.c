/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Telling the user: the table of services, and below a service what is unusual about it.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "report.h"
#include "sefctl.h"

enum { COLUMNS = 9, CELL_MAX = 512 };

static void format_uptime(int64_t ms, char *buf, size_t size)
{
    int64_t s = ms / 1000;
    if (s < 60)
        snprintf(buf, size, "%" PRId64 "s", s);
    else if (s < 3600)
        snprintf(buf, size, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
    else if (s < 86400)
        snprintf(buf, size, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
    else
        snprintf(buf, size, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
}

static void format_last(const json_t *service, char *buf, size_t size)
{
    const json_t *last = json_object_get(service, "last_update");
    const char *end = text_of(service, "end");
    if (*end)
        snprintf(buf, size, "%s", end);
    else if (!last)
        snprintf(buf, size, "-");
    else if (number_of(last, "result") == 0)
        snprintf(buf, size, "%s in %.1f ms", text_of(last, "text"),
            (double) number_of(last, "pause_ns") / 1e6);
    else
        snprintf(buf, size, "not updated: %s", text_of(last, "text"));
}

static void fill_row(const json_t *service, char row[COLUMNS][CELL_MAX])
{
    int64_t pid = number_of(service, "pid");
    snprintf(row[0], CELL_MAX, "%s", text_of(service, "label"));
    snprintf(row[1], CELL_MAX, pid ? "%" PRId64 : "-", pid);
    snprintf(row[2], CELL_MAX, "%s", text_of(service, "state"));
    snprintf(row[3], CELL_MAX, "%" PRId64, number_of(service, "generation"));
    snprintf(row[4], CELL_MAX, "%s", text_of(service, "image"));
    format_uptime(number_of(service, "uptime_ms"), row[5], CELL_MAX);
    snprintf(row[6], CELL_MAX, "%" PRId64, number_of(service, "updates"));
    snprintf(row[7], CELL_MAX, "%" PRId64, number_of(service, "restarts"));
    format_last(service, row[8], CELL_MAX);
}

static const char headings[COLUMNS][CELL_MAX] = {
    "LABEL",
    "PID",
    "STATE",
    "GEN",
    "IMAGE",
    "UPTIME",
    "UPDATES",
    "RESTARTS",
    "LAST RESULT",
};

static void print_row(const char row[COLUMNS][CELL_MAX], const int widths[COLUMNS])
{
    for (int i = 0; i < COLUMNS - 1; i++)
        printf("%-*s  ", widths[i], row[i]);
    printf("%s\n", row[COLUMNS - 1]);
}

static void measure_row(const char row[COLUMNS][CELL_MAX], int widths[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        int len = (int) strlen(row[i]);
        if (widths[i] < len)
            widths[i] = len;
    }
}

/* ---- What is unusual --------------------------------------------------------------------- */

static void print_crash(const json_t *crash)
{
    int64_t signal = number_of(crash, "signal");
    const char *lost = text_of(crash, "state_lost"), *outcome = text_of(crash, "outcome");
    printf("  process %" PRId64 " %s", number_of(crash, "pid"), text_of(crash, "end"));
    if (json_is_true(json_object_get(crash, "controlled")))
        printf(" on request");
    if (json_is_true(json_object_get(crash, "silent")))
        printf(" because it did not answer");
    if (*text_of(crash, "address") && (signal == SIGSEGV || signal == SIGBUS))
        printf(", address %s", text_of(crash, "address"));
    if (*lost)
        printf(", state lost: %s", lost);
    printf("%s%s\n", *outcome ? "; " : "", outcome);
}

static void print_messages(const json_t *service)
{
    int64_t n = number_of(service, "messages");
    const char *other = text_of(service, "waits_for");
    if (n)
        printf("  %" PRId64 " message%s for it wait%s\n", n, n == 1 ? "" : "s", n == 1 ? "s" : "");
    if (*other)
        printf("  waits for %s\n", other);
}

/* What is as one expects it, when one service is asked for. */
static void print_details(const json_t *service)
{
    int64_t standby = number_of(service, "standby");
    const char *unit = text_of(service, "unit");
    printf("  endpoint %" PRId64 ", policy %s", number_of(service, "endpoint"),
        text_of(service, "policy"));
    if (json_object_get(service, "asr_count"))
        printf(", variant %" PRId64, number_of(service, "asr_count"));
    if (standby)
        printf(", process %" PRId64 " stands by", standby);
    printf("%s%s\n", *unit ? ", unit file " : "", unit);
}

void report_status(const struct options *o, const json_t *reply)
{
    const json_t *services = json_object_get(reply, "services"), *service, *crash;
    char row[COLUMNS][CELL_MAX];
    int widths[COLUMNS] = { 0 };
    const char *text = text_of(reply, "text");
    size_t i;
    if (json_array_size(services) == 0) {
        printf("no services%s%s\n", *text ? ": " : "", text);
        return;
    }
    measure_row(headings, widths);
    json_array_foreach(services, i, service)
    {
        fill_row(service, row);
        measure_row((const char(*)[CELL_MAX]) row, widths);
    }
    print_row(headings, widths);
    json_array_foreach(services, i, service)
    {
        fill_row(service, row);
        print_row((const char(*)[CELL_MAX]) row, widths);
        if ((crash = json_object_get(service, "last_crash")))
            print_crash(crash);
        print_messages(service);
        if (o->label)
            print_details(service);
    }
}
