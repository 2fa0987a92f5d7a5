/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station: what follows from a new reading.
 */
#include <stdbool.h>
#include <stdint.h>

#include "station.h"

static unsigned long n_puts;

struct probe *last_of(const struct conn *c)
{
    return (struct probe *) ((uintptr_t) c->last & ~TOLD);
}

static bool wants(const struct conn *c, const struct probe *p)
{
    switch (c->watch) {
    case PROBE:
        return c->of.probe == p;
    case RANGE:
        return p->current >= c->of.range.from && p->current <= c->of.range.to;
    default:
        return false;
    }
}

void new_reading(const struct conn *by, struct probe *p)
{
    n_puts++;
    for (struct link *at = conns.next; at != &conns; at = at->next) {
        struct conn *c = CONTAINER_OF(at, struct conn, link);

        if (last_of(c) == p)
            c->last = p;
        if (c != by && wants(c, p))
            c->show(c, p);
    }
}

unsigned long n_readings(void)
{
    return n_puts;
}
