/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station: what follows from a new reading.
 */
#include <stdbool.h>
#include <stdint.h>

#include "station.h"

static unsigned long n_puts;

temp_t from_celsius(double celsius)
{
    return (temp_t) (celsius * 1000 + (celsius < 0 ? -0.5 : 0.5)) + 273150;
}

double to_celsius(temp_t t)
{
    return (double) (t - 273150) / 1000;
}

struct probe *last_of(const struct conn *c)
{
    return (struct probe *) ((uintptr_t) c->last & ~TOLD);
}

static bool wants(const struct conn *c, const struct probe *p)
{
    temp_t t = p->history->current;

    switch (c->watch) {
    case PROBE:
        return c->of.probe == p;
    case RANGE:
        return t >= c->of.range.from && t <= c->of.range.to;
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
        if (c == by || !wants(c, p))
            continue;
        c->show(c, p);
        if (c->watch == RANGE)
            c->of.range.n_told++;
    }
}

unsigned long n_readings(void)
{
    return n_puts;
}
