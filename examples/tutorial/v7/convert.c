/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station, version 7: how the state of version 6 becomes its own.
 *
 * Version 6 kept whole degrees Celsius, and the readings of a probe in the probe itself.
 */
#include <stdlib.h>
#include <string.h>

#include <st/callback.h>

#include "station.h"

/* A probe as version 6 knew it. */
struct old_probe {
    char name[32];
    enum level level;
    unsigned n_alarms;
    int current;
    int history[6];
    unsigned long n_puts;
    struct note *note;
    struct old_probe *next;
};

/* Each temperature, wherever it is: variables, the ranges that clients watch. */
static int convert_temp(const struct st_element *e, void *ctx)
{
    (void) ctx;
    *(temp_t *) e->new_value = from_celsius(*(const int *) e->old_value);
    return 0;
}

/* A probe, and its readings, which are a structure of their own now. The pointers still lead to what
 * version 6 had: they are forwarded afterwards, like all others. */
static int convert_probe(const struct st_element *e, void *ctx)
{
    const struct old_probe *o = e->old_value;
    struct probe *p = e->new_value;
    struct history *h = calloc(1, sizeof(*h));

    (void) ctx;
    if (!h)
        return MAGIC_ENOMEM;
    h->current = from_celsius(o->current);
    for (size_t i = 0; i < sizeof(o->history) / sizeof(*o->history); i++)
        h->before[i] = from_celsius(o->history[i]);
    memcpy(p->name, o->name, sizeof(p->name));
    p->level = o->level;
    p->n_alarms = o->n_alarms;
    p->history = h;
    p->n_puts = o->n_puts;
    p->note = o->note;
    p->next = (struct probe *) o->next;
    return 0;
}

int convert_init(void)
{
    int err = st_setcb_selement_transfer(convert_temp, ST_CB_TYPE_TYPENAME, "temp_t", NULL);

    return err ? err
               : st_setcb_selement_transfer(convert_probe, ST_CB_TYPE_TYPENAME, "probe", NULL);
}
