/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The text of errors and warnings: what, which part of it, where in the source, and why.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "pair/pair.h"

static void path_text(const struct st__path *path, char *buf, size_t size)
{
    size_t used;

    if (!path)
        return;
    path_text(path->up, buf, size);
    used = strlen(buf);
    if (!path->member)
        snprintf(buf + used, size - used, "[%" PRIu64 "]", path->index);
    else if (path->member[0]) /* anonymous members have no name to say */
        snprintf(buf + used, size - used, ".%s", path->member);
}

#define ALLOCATED " allocated in "

static void name_heap_object(const struct st__subject *s, struct st_error *e)
{
    char spelled[64];

    magic_type_spell(s->type, spelled, sizeof(spelled));
    if (!s->site) {
        snprintf(e->entity, sizeof(e->entity), "%s", spelled);
        return;
    }
    snprintf(e->entity, sizeof(e->entity), "%s" ALLOCATED "%s()", spelled, s->site->function);
    snprintf(e->file, sizeof(e->file), "%s", s->site->file);
    e->line = s->site->line;
}

static void name_subject(const struct st__subject *s, struct st_error *e)
{
    e->old_addr = s->old_addr;
    e->new_addr = s->new_addr;
    if (s->var) {
        snprintf(e->entity, sizeof(e->entity), "%s", s->var->key);
        snprintf(e->file, sizeof(e->file), "%s", s->var->file);
        e->line = s->var->line;
    } else if (s->type) {
        name_heap_object(s, e);
    } else {
        snprintf(e->entity, sizeof(e->entity), "memory at %#" PRIx64, e->new_addr);
    }
}

/* Where a path goes into the name of an entity: behind the variable, or the type of a heap object. */
static int path_place(const struct st_error *e)
{
    const char *allocated = strstr(e->entity, ALLOCATED);

    return (int) (allocated ? (size_t) (allocated - e->entity) : strlen(e->entity));
}

int st__error_set(struct st_error *e, int code, const struct st__subject *subject,
    const struct st__path *path, const struct magic_type *type, const char *format, va_list args)
{
    char what[464]; /* st__judge() adds its policy to 416 */
    int at;

    *e = (struct st_error) { .code = code };
    if (type)
        magic_type_spell(type, e->type, sizeof(e->type));
    vsnprintf(what, sizeof(what), format, args);
    name_subject(subject, e);
    path_text(path, e->member, sizeof(e->member));
    at = path_place(e);
    if (e->file[0])
        snprintf(e->text, sizeof(e->text), "%.*s%s%s (%s:%u): %s", at, e->entity, e->member,
            e->entity + at, e->file, e->line, what);
    else
        snprintf(e->text, sizeof(e->text), "%.*s%s%s: %s", at, e->entity, e->member, e->entity + at,
            what);
    return code;
}
