/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What changed between two images, shown: from the JSON that compare_json() makes, wherever it was made.
 *
 * Members that are missing show as nothing: the other side may be older.
 */
#ifndef SEF_TOOLS_DIFF_SHOW_H
#define SEF_TOOLS_DIFF_SHOW_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

/** As text for a terminal. */
void diff_show_text(FILE *out, const json_t *diff);

/** As one page. */
void diff_show_html(FILE *out, const json_t *diff);

/** Both layouts of a type, with lines between the members that are pairs; part of the page. */
void diff_show_layout(FILE *out, const json_t *type);
/** The style that it needs. */
extern const char diff_layout_style[];

/** Members of an object, with "" and 0 for those that are missing. */
const char *diff_text_of(const json_t *object, const char *key);
json_int_t diff_number_of(const json_t *object, const char *key);
/** Whether a member is that text. */
bool diff_is(const json_t *object, const char *key, const char *value);

/** Show each change of a verdict, below a heading if there is any. */
void diff_show_each(FILE *out, const json_t *changes, const char *verdict, const char *heading,
    void (*show)(FILE *out, const json_t *change));

#endif
