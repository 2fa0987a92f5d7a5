/* SPDX-License-Identifier: BSD-2-Clause
 *
 * sefdump --diff: two image files, compared under rules.
 */
#include "compare_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "diff_show.h"
#include "source.h"

static int complain(const char *where, const char *what, int status)
{
    fprintf(stderr, "sefdump: %s%s%s\n", where, *where ? ": " : "", what);
    return status;
}

static int show(const struct compare *compare, enum diff_form form)
{
    json_t *diff = compare_json(compare, SIZE_MAX, form != DIFF_TEXT);
    int r = diff ? 0 : -1;
    if (diff && form == DIFF_JSON) {
        r = json_dumpf(diff, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else if (diff && form == DIFF_HTML) {
        diff_show_html(stdout, diff);
    } else if (diff) {
        diff_show_text(stdout, diff);
    }
    json_decref(diff);
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain("cannot write", strerror(errno), DIFF_FAILED);
    if (r != 0)
        return complain("", "out of memory", DIFF_FAILED);
    return compare->diff->verdict == ST__IMPOSSIBLE ? DIFF_IMPOSSIBLE
           : compare->diff->verdict == ST__DECISION ? DIFF_DECISION
                                                    : DIFF_NOTHING_TO_DECIDE;
}

static int compare_sources(
    const struct source *old, const struct source *new, const char *rules, enum diff_form form)
{
    const struct compare_side o = { old->path, old->table, &old->view },
                              n = { new->path, new->table, &new->view };
    struct magic_error err = { 0 };
    struct compare compare;
    int r = compare_init(&compare, o, n, rules, strlen(rules), &err);
    int status = r == 0 ? show(&compare, form)
                        : complain("", err.text, r == MAGIC_EINVAL ? DIFF_USAGE : DIFF_FAILED);
    compare_deinit(&compare);
    return status;
}

static int open_image(struct source *source, const char *path)
{
    struct magic_error err = { 0 };
    int r = source_open_file(source, path, &err);
    return r ? complain(path, err.text[0] ? err.text : magic_strerror(r), DIFF_UNREADABLE) : 0;
}

int compare_files(const char *old, const char *new, const char *rules, enum diff_form form)
{
    static struct source sources[2];
    int status = open_image(&sources[0], old);
    if (status == 0)
        status = open_image(&sources[1], new);
    if (status == 0)
        status = compare_sources(&sources[0], &sources[1], rules, form);
    source_deinit(&sources[0]);
    source_deinit(&sources[1]);
    return status;
}
