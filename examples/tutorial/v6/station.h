/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station: probes and the clients that ask for them.
 */
#ifndef STATION_H
#define STATION_H

#include <sef/attributes.h>

#include "net.h"

typedef int temp_t; /* degrees Celsius */

enum level { LOW, NORMAL, HIGH };

struct note {
    size_t len;
    char text[]; /* len bytes and a zero */
};

struct probe {
    char name[32];
    enum level level;
    unsigned n_alarms; /* readings that were too high */
    temp_t current;
    temp_t history[6]; /* the readings before, the newest first */
    unsigned long n_puts;
    struct note *note; /* what somebody wrote about it */
    struct probe *next;
};

struct range {
    unsigned n_told;
    temp_t from, to;
};

#define TOLD 1ul /* in the lowest bit of a pointer to a probe */

enum watch { NOTHING, PROBE, RANGE };

struct conn {
    struct link link;
    int fd;
    unsigned used;
    char line[200];
    struct probe *last SEF_TAGGED(1); /* what it asked for last, and whether it was TOLD */
    void (*show)(struct conn *c, const struct probe *p);
    enum watch watch; /* what it wants to be told without asking */
    union {
        struct probe *probe;
        struct range range;
    } of SEF_UNION_BY("watch: PROBE=probe, RANGE=range");
};

/* readings.c */
struct probe *last_of(const struct conn *c);
void new_reading(const struct conn *by, struct probe *p);
unsigned long n_readings(void);

#endif
