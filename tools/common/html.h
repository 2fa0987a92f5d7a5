/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing of self-contained HTML pages: what every page of the tools begins and ends with, and text
 * made safe.
 *
 * Everything that is not markup of the caller's own goes through html_text() or html_textf(): names
 * and messages come from images and services. Pages load nothing and run no script. Write errors show
 * in ferror() of the stream.
 */
#ifndef SEF_TOOLS_HTML_H
#define SEF_TOOLS_HTML_H

#include <stdio.h>

/** Begin a page: head with the common style, and the title as heading. `style` is more CSS, or NULL. */
void html_open(FILE *out, const char *title, const char *style);

/** End it. */
void html_close(FILE *out);

/** Write text, as content or inside a quoted attribute. Control characters become spaces, bytes that
 * are not UTF-8 question marks. */
void html_text(FILE *out, const char *text);

/** Likewise for a format; what is longer than 4095 bytes is cut. */
void html_textf(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
