/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Writing of self-contained HTML pages.
 */
#include "html.h"

#include <stdarg.h>

/* Classes for all pages: "ok", "warn" and "bad" colour text, "num" is a column of numbers, "note" is
 * what may be skipped. */
static const char common_style[] =
    ":root{color-scheme:light dark;--line:#8886;--soft:#8882}"
    "body{font:15px/1.45 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em}"
    "h1{font-size:1.5em}h2{font-size:1.15em;margin-top:1.8em}"
    "table{border-collapse:collapse;margin:.5em 0}"
    "th,td{border-bottom:1px solid var(--line);padding:.25em .8em .25em 0;text-align:left;"
    "vertical-align:top}"
    "code,pre{font:13px/1.4 ui-monospace,monospace;overflow-wrap:anywhere}"
    "pre{background:var(--soft);padding:.6em;white-space:pre-wrap}"
    ".num{text-align:right;font-variant-numeric:tabular-nums}.note{opacity:.7}"
    ".ok{color:#2a8a3e}.warn{color:#b06a00}.bad{color:#d03030}";

void html_open(FILE *out, const char *title, const char *style)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>", out);
    html_text(out, title);
    fprintf(out, "</title>\n<style>%s%s</style>\n</head>\n<body>\n<h1>", common_style,
        style ? style : "");
    html_text(out, title);
    fputs("</h1>\n", out);
}

void html_close(FILE *out)
{
    fputs("</body>\n</html>\n", out);
}

/* Length of the UTF-8 sequence that begins at `s`, or 0. */
static size_t sequence(const unsigned char *s)
{
    size_t len = *s < 0x80 ? 1 : *s < 0xc2 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : *s < 0xf5 ? 4 : 0;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] >= 0xa0) ||
        (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] >= 0x90))
        return 0;
    return len;
}

/* What stands for one character of ASCII. */
static const char *entity(unsigned char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return c < 0x20 && c != '\n' && c != '\t' ? " " : c == 0x7f ? " " : NULL;
    }
}

void html_text(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *) text;
    while (*s) {
        const size_t len = sequence(s);
        const char *instead = len == 1 ? entity(*s) : NULL;
        if (len == 0)
            fputc('?', out);
        else if (instead)
            fputs(instead, out);
        else
            fwrite(s, 1, len, out);
        s += len ? len : 1;
    }
}

void html_textf(FILE *out, const char *format, ...)
{
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    html_text(out, text);
}
