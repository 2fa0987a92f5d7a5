/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station: sensors and the clients that ask for them.
 */
#ifndef STATION_H
#define STATION_H

#include "net.h"

typedef short temp_t; /* degrees Celsius */

enum level { NORMAL, HIGH };

struct sensor {
    struct sensor *next;
    char name[12];
    temp_t now;
    temp_t history[3]; /* the readings before, the newest first */
    enum level level;
};

struct conn {
    int fd;
    unsigned used;
    char line[80];
    struct link link;
    struct sensor *last; /* the sensor it asked for last */
    void (*show)(struct conn *c, const struct sensor *s);
};

#endif
