/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Two images compared: rules read, versions paired.
 */
#include "compare.h"

int compare_init(struct compare *ret, struct compare_side old, struct compare_side new,
    const char *rules, size_t len, struct magic_error *err)
{
    *ret = (struct compare) { .old = old, .new = new };
    struct st__pairing pairing = { .ot = old.table, .nt = new.table, .arena = &ret->arena };
    int r = st__rules_read(rules, len, old.table, new.table, &ret->arena, &pairing.rules, err);
    if (r != 0)
        return r;
    r = st__diff(&pairing, old.view, new.view, &ret->diff);
    return r ? magic_error_set(err, r, "no memory to compare the two versions") : 0;
}

void compare_deinit(struct compare *compare)
{
    magic_arena_deinit(&compare->arena);
}
