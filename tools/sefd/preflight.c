/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preflight of an update: the same comparison that sefdump --diff shows.
 */
#include "preflight.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "preflight_image.h"

/* A change that fails, whatever the service holds. Whoever sets callbacks may convert anything. */
static bool cannot_work(const struct st__change *c, bool callbacks)
{
    return c->fails || (c->verdict == ST__IMPOSSIBLE && c->held && !callbacks);
}

static void explain(const struct st__change *c, size_t more, char *why)
{
    const struct st__place *place = c->n.file[0] ? &c->n : &c->o;
    size_t len = (size_t) snprintf(why, PREFLIGHT_TEXT_MAX, "%.200s (%.100s:%u): %.300s", c->entity,
        place->file, place->line, c->text);
    for (unsigned i = 0; i < c->n_advice && len < PREFLIGHT_TEXT_MAX; i++)
        len += (size_t) snprintf(why + len, PREFLIGHT_TEXT_MAX - len, "%s'%s'",
            i ? " or " : "; decide it by the rule ", c->advice[i].rule);
    if (more && len < PREFLIGHT_TEXT_MAX)
        snprintf(why + len, PREFLIGHT_TEXT_MAX - len, "; and %zu more, see sefctl update --explain",
            more);
}

static int judge(const struct st__diff *diff, bool callbacks, char *why)
{
    const struct st__change *first = NULL;
    size_t n = 0;
    for (size_t i = 0; i < diff->n_changes; i++) {
        if (!cannot_work(&diff->changes[i], callbacks))
            continue;
        if (n++ == 0)
            first = &diff->changes[i];
    }
    if (!first)
        return 0;
    explain(first, n - 1, why);
    return -ENOTSUP;
}

static int compare_images(const struct preflight_image *old, const char *old_name,
    const struct preflight_image *new, const char *new_name, const char *rules, json_t **diff,
    char *why)
{
    const struct compare_side o = { old_name, old->table, &old->view },
                              n = { new_name, new->table, &new->view };
    struct magic_error error = { 0 };
    struct compare compare;
    int r = compare_init(&compare, o, n, rules, strlen(rules), &error);
    if (r == 0 && diff)
        *diff = compare_json(&compare, PREFLIGHT_CHANGES_MAX, false);
    if (r == 0)
        r = judge(compare.diff, preflight_image_imports(new, "st_setcb_"), why);
    else
        snprintf(why, PREFLIGHT_TEXT_MAX, "%s", error.text);
    compare_deinit(&compare);
    return r == MAGIC_EINVAL ? -EINVAL : r == MAGIC_ENOMEM ? -ENOMEM : r;
}

int preflight(const struct preflight_files *files, const char *rules, json_t **diff,
    char why[static PREFLIGHT_TEXT_MAX])
{
    struct preflight_image old = { 0 }, new;
    char ignored[PREFLIGHT_TEXT_MAX];
    if (diff)
        *diff = NULL;
    int r = preflight_image_open(&new, files->new, why);
    if (r != 0) {
        snprintf(ignored, sizeof ignored, "%s", why);
        snprintf(why, PREFLIGHT_TEXT_MAX, "%.256s: %.600s", files->new_name, ignored);
    }
    /* What runs without a table can only be told by the service itself. */
    if (r == 0 && preflight_image_open(&old, files->old, ignored) == 0)
        r = compare_images(&old, files->old_name, &new, files->new_name, rules, diff, why);
    preflight_image_close(&old);
    preflight_image_close(&new);
    return r;
}
