/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Naming the allocation sites whose objects have no type, for whoever has to find the one that is meant.
 *
 * An object of unknown type does not say where it was allocated, so all that can be told are the sites
 * that allocate such objects: before those that only may, and in the source file of what points to it
 * before those in others.
 */
#include <stdio.h>
#include <string.h>

#include "st/transfer.h"

enum { NAMED = 3 };

/* A late site's object is typed only if its size is right. */
static bool is_unknown(const struct magic_site *s)
{
    return s->flags & MAGIC_SITE_LATE || (!s->type && !(s->flags & MAGIC_SITE_LEAF));
}

static const char *file_of(const struct st__subject *s)
{
    return s->var ? s->var->file : s->site ? s->site->file : "";
}

static size_t append(char *buf, size_t size, size_t used, const struct magic_site *s)
{
    int n;

    if (used >= size)
        return used;
    n = snprintf(
        buf + used, size - used, "%s%s() (%s:%u)", used ? ", " : "", s->function, s->file, s->line);
    return n < 0 ? used : used + (size_t) n;
}

const char *st__unknown_sites(const struct st__transfer *t, char *buf, size_t size)
{
    const char *file = file_of(&t->subject);
    size_t named = 0, used = 0, n = 0;
    char list[160] = "";

    for (int rank = 3; rank >= 0; rank--)
        for (size_t i = 0; i < t->p.ot->n_sites; i++) {
            const struct magic_site *s = &t->p.ot->sites[i];
            bool late = s->flags & MAGIC_SITE_LATE, near = strcmp(s->file, file) == 0;

            if (!is_unknown(s) || !late * 2 + near != rank)
                continue;
            n++;
            if (named < NAMED) {
                used = append(list, sizeof(list), used, s);
                named++;
            }
        }
    if (n == 0)
        snprintf(buf, size, "name its allocator to sef-cc with --sef-alloc");
    else
        snprintf(buf, size, "allocated without a type: %s%s; name the allocator with --sef-alloc",
            list, n > named ? ", ..." : "");
    return buf;
}
