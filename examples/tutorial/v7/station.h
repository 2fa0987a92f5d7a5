/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station: probes and the clients that ask for them.
 */
#ifndef STATION_H
#define STATION_H

#include <sef/attributes.h>

#include "net.h"

typedef long temp_t; /* millikelvin */

enum level { LOW, NORMAL, HIGH };

struct note {
    size_t len;
    char text[]; /* len bytes and a zero */
};

struct history {
    temp_t current;
    temp_t before[6]; /* the newest first */
};

struct probe {
    char name[32];
    enum level level;
    unsigned n_alarms; /* readings that were too high */
    unsigned long n_puts;
    struct history *history;
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
temp_t from_celsius(double celsius);
double to_celsius(temp_t t);
struct probe *last_of(const struct conn *c);
void new_reading(const struct conn *by, struct probe *p);
unsigned long n_readings(void);

/* convert.c: sets what converts the state of version 6; 0, or an error */
int convert_init(void);

#endif
