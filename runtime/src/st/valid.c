/* SPDX-License-Identifier: BSD-2-Clause
 *
 * After a transfer, in builds with SEF_CHECK_EXPENSIVE: whether the structures that it worked with are
 * still well formed.
 */
#include "pair/valid.h"
#include "st/transfer.h"
#include "table/valid.h"

/* Objects in the map are of kinds that have a plan, but for those whose type is gone, which stayed. */
static bool kinds_are_valid(const struct st__transfer *t, struct magic_error *err)
{
    for (size_t i = 0; i < t->map->n; i++) {
        const struct st__moved *m = st__map_at(t->map, i);
        const char *why = NULL;

        if (m->kind >= t->n_kinds || !t->kinds[m->kind].o)
            why = "it is of no kind of the old version";
        else if (!t->kinds[m->kind].plan && m->n != m->o)
            why = "it has a successor, but its type has none";
        if (!why)
            continue;
        magic_error_set(err, MAGIC_EBADMSTATE, "forwarding map: entry %zu: %s", i, why);
        return false;
    }
    return true;
}

int st__check_structures(struct st__transfer *t)
{
    struct magic_error err = { 0 };

    if (magic__table_is_valid(t->p.ot, &err) && magic__table_is_valid(t->p.nt, &err) &&
        st__pairing_is_valid(&t->p, &err) &&
        (!t->map || (st__map_is_valid(t->map, &err) && kinds_are_valid(t, &err))))
        return 0;
    return st__fail_plain(t, MAGIC_EBADMSTATE,
        "malformed after the transfer: %s; this is an error in SEF, or of a callback that wrote "
        "where it should not",
        err.text);
}
