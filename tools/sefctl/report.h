/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The report of an update: what is in it, and its forms.
 */
#ifndef SEFCTL_REPORT_H
#define SEFCTL_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/** A member of a reply or report; "" or 0 if it is not there. */
const char *text_of(const json_t *object, const char *key);
int64_t number_of(const json_t *object, const char *key);

/** Whether a reply says that the request was carried out. */
bool reply_is_ok(const json_t *reply);

/** How many "warnings" or "differences" of an update there were beyond those that a reply or report
 * lists. */
int64_t messages_left_out(const json_t *reply, const char *key);

/** Make the report of an update. `reply` is NULL if none came. The caller owns it. NULL when memory is
 * out. */
json_t *report_new(const json_t *request, const json_t *reply);

struct options;

/** Print the reply of status; of upd_status; of reload, its errors on standard error; of edit. */
void report_status(const struct options *options, const json_t *reply);
void report_queue(const json_t *reply);
void report_units(const json_t *reply);
void report_settings(const struct options *options, const json_t *reply);

/** Write a report as a page. Errors show in ferror(). */
void report_html(FILE *out, const json_t *report);

#endif
