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

/* Add a site to the list, if there is room for the whole of it. */
static bool append(char *buf, size_t size, const struct magic_site *s)
{
    size_t used = strlen(buf);
    int n = snprintf(
        buf + used, size - used, "%s%s() (%s:%u)", used ? ", " : "", s->function, s->file, s->line);

    if (n >= 0 && (size_t) n < size - used)
        return true;
    buf[used] = '\0';
    return false;
}

const char *st__unknown_sites(const struct st__transfer *t, char *buf, size_t size)
{
    const char *file = file_of(&t->subject);
    size_t named = 0, n = 0;
    char list[160] = "";

    for (int rank = 3; rank >= 0; rank--)
        for (size_t i = 0; i < t->p.ot->n_sites; i++) {
            const struct magic_site *s = &t->p.ot->sites[i];
            bool late = s->flags & MAGIC_SITE_LATE, near = strcmp(s->file, file) == 0;

            if (!is_unknown(s) || !late * 2 + near != rank)
                continue;
            if (named == n && named < NAMED)
                named += append(list, sizeof(list), s);
            n++;
        }
    /* What to do comes first: the end may be cut. */
    snprintf(buf, size, "name its allocator to sef-cc with --sef-alloc%s%s%s",
        named ? "; without a type allocates " : "", list, n > named && named ? ", ..." : "");
    return buf;
}
