/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station: sensors and the clients that ask for them.
 */
#ifndef STATION_H
#define STATION_H

#include "net.h"

typedef int temp_t; /* degrees Celsius */

enum level { LOW, NORMAL, HIGH };

struct note {
    size_t len;
    char text[]; /* len bytes and a zero */
};

struct sensor {
    char name[32];
    enum level level;
    temp_t now;
    temp_t history[6]; /* the readings before, the newest first */
    unsigned long n_puts;
    struct note *note; /* what somebody wrote about it */
    struct sensor *next;
};

struct conn {
    struct link link;
    int fd;
    unsigned used;
    char line[200];
    struct sensor *last; /* the sensor it asked for last */
    void (*show)(struct conn *c, const struct sensor *s);
};

#endif
