/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tables of uthash.h, a header that many C programs take their hash tables from.
 *
 * An element has a struct UT_hash_handle in it, and its table a number, hho, that says where in the element: no
 * pointer, and no rule of conversion could find it. So where an element's handle moves, the table that the handle
 * names learns the new place; the first element that is converted tells it.
 *
 * The handle of an element that was taken out of its table still names it, and the table may be gone. It is known
 * by the mark that uthash gives it for such purposes, and by the old place.
 */
#include <string.h>

#include "os/os.h"
#include "st/transfer.h"

enum { MARK = 0xa0111fe1 };

static const struct magic_member *member(const struct magic_type *type, const char *name)
{
    for (uint32_t i = 0; type->kind == MAGIC_KIND_STRUCT && i < type->count; i++)
        if (strcmp(type->members[i].name, name) == 0)
            return &type->members[i];
    return NULL;
}

/* The type that tables have, by the handle's; NULL if it is of something else, for all its name. */
static const struct magic_type *table_type(const struct magic_type *handle)
{
    const struct magic_member *tbl = member(handle, "tbl");
    const struct magic_type *pointer = tbl ? magic_type_strip(tbl->type) : NULL;

    return pointer && pointer->kind == MAGIC_KIND_POINTER ? magic_type_strip(pointer->target)
                                                          : NULL;
}

static void tell_table(uintptr_t table, const struct magic_type *type, uint64_t o, uint64_t n)
{
    const struct magic_member *hho = member(type, "hho"), *mark = member(type, "signature");
    uint64_t place;
    uint32_t marked;

    if (!hho || !mark || magic_type_strip(hho->type)->size != sizeof(place) ||
        magic_type_strip(mark->type)->size != sizeof(marked))
        return;
    table += hho->bit_offset / 8;
    if (magic__os_read(&place, table, sizeof(place)) != 0 || place != o ||
        magic__os_read(
            &marked, table - hho->bit_offset / 8 + mark->bit_offset / 8, sizeof(marked)) != 0 ||
        marked != MARK)
        return;
    memcpy((void *) table, &n, sizeof(n));
}

void st__uthash_tell(const struct st__plan *plan, const unsigned char *o)
{
    for (size_t i = 0; i < plan->n_members; i++) {
        const struct st__member *m = &plan->members[i];
        const struct magic_type *handle = magic_type_strip(m->o->type), *type;
        uintptr_t table;

        if (!m->n || !st__is_uthash(m->o) || m->o->bit_offset == m->n->bit_offset ||
            !(type = table_type(handle)))
            continue;
        memcpy(&table, o + m->o->bit_offset / 8 + member(handle, "tbl")->bit_offset / 8,
            sizeof(table));
        if (table)
            tell_table(table, type, m->o->bit_offset / 8, m->n->bit_offset / 8);
    }
}
