/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station, version 5: probes put readings, clients get them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "station.h"

static struct probe *buckets[8];
static temp_t high_from SEF_RENAMED_FROM("limit") = 30; /* HIGH from here */
static temp_t frost = 0;                                /* LOW up to here */

static struct probe **place(const char *name)
{
    unsigned hash = 0;
    struct probe **at;

    for (const char *c = name; *c; c++)
        hash = hash * 31 + (unsigned char) *c;
    at = &buckets[hash % 8];
    while (*at && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

static struct probe *find_or_add(const char *name)
{
    struct probe **at = place(name);

    if (!*at && strlen(name) < sizeof((*at)->name)) {
        *at = calloc(1, sizeof(**at));
        if (*at)
            strcpy((*at)->name, name);
    }
    return *at;
}

static const char *level_name(enum level level)
{
    static const char *const names[] = { [LOW] = "low", [NORMAL] = "normal", [HIGH] = "high" };

    return names[level];
}

static void in_celsius(struct conn *c, const struct probe *p)
{
    say(c, "%s %d C %s", p->name, p->current, level_name(p->level));
}

static void in_fahrenheit(struct conn *c, const struct probe *p)
{
    say(c, "%s %d F %s", p->name, p->current * 9 / 5 + 32, level_name(p->level));
}

static void put(struct conn *c, char *name, char *value)
{
    char *end;
    long now = strtol(value, &end, 10);
    struct probe *p;

    if (!*value || *end || now < -99 || now > 999) {
        say(c, "error: '%s' is no temperature", value);
        return;
    }
    p = find_or_add(name);
    if (!p) {
        say(c, "error: the name is too long");
        return;
    }
    memmove(p->history + 1, p->history, sizeof(p->history) - sizeof(*p->history));
    p->history[0] = p->current;
    p->current = (temp_t) now;
    p->level = p->current >= high_from ? HIGH : p->current <= frost ? LOW : NORMAL;
    p->n_puts++;
    new_reading(c, p);
    say(c, "ok");
}

static void again(struct conn *c, char *name, char *value)
{
    struct probe *p = last_of(c);

    (void) name, (void) value;
    if (!p)
        say(c, "error: ask for a probe first");
    else if (c->last != p)
        say(c, "%s: nothing new", p->name);
    else
        c->show(c, p);
    if (p)
        c->last = (struct probe *) ((uintptr_t) p | TOLD);
}

static void get(struct conn *c, char *name, char *value)
{
    struct probe *p = *place(name);

    if (!p) {
        say(c, "error: there is no %s", name);
        return;
    }
    c->last = p;
    again(c, name, value);
}

static void history(struct conn *c, char *name, char *value)
{
    const struct probe *p = *place(name);
    char text[200] = "";

    (void) value;
    for (size_t i = 0; p && i < sizeof(p->history) / sizeof(*p->history); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d", p->history[i]);
    say(c, "%s before:%s", name, text);
}

static void watch(struct conn *c, char *name, char *value)
{
    struct probe *p = *place(name);
    temp_t from, to;

    if (p) {
        c->watch = PROBE;
        c->of.probe = p;
    } else if (strcmp(name, "range") == 0 && sscanf(value, "%d %d", &from, &to) == 2) {
        c->watch = RANGE;
        c->of.range = (struct range) { from, to };
    } else {
        c->watch = NOTHING;
    }
    say(c, "%s", c->watch == NOTHING ? "watching nothing" : "ok");
}

static void note(struct conn *c, char *name, char *text)
{
    struct probe *p = *place(name);
    size_t len = strlen(text);
    struct note *n = p ? malloc(sizeof(*n) + len + 1) : NULL;

    if (!n) {
        say(c, "error: there is no %s", name);
        return;
    }
    n->len = len;
    memcpy(n->text, text, len + 1);
    free(p->note);
    p->note = n;
    say(c, "ok");
}

static void about(struct conn *c, char *name, char *value)
{
    const struct probe *p = *place(name);

    (void) value;
    if (p)
        say(c, "%s: %s; readings: %lu", name, p->note ? p->note->text : "no note", p->n_puts);
    else
        say(c, "error: there is no %s", name);
}

static void set_limit(struct conn *c, char *name, char *value)
{
    (void) value;
    high_from = (temp_t) atoi(name);
    say(c, "ok");
}

static void stats(struct conn *c, char *name, char *value)
{
    (void) name, (void) value;
    say(c, "readings: %lu, clients: %u, high from %d", n_readings(), n_conns, high_from);
}

static void unit(struct conn *c, char *name, char *value)
{
    (void) value;
    c->show = *name == 'f' ? in_fahrenheit : in_celsius;
    say(c, "ok");
}

static void version(struct conn *c, char *name, char *value)
{
    (void) name, (void) value;
    say(c, "station 5");
}

static const struct {
    const char *name;
    void (*run)(struct conn *c, char *name, char *value);
} commands[] = {
    { "put", put },
    { "get", get },
    { "again", again },
    { "history", history },
    { "watch", watch },
    { "note", note },
    { "about", about },
    { "limit", set_limit },
    { "stats", stats },
    { "unit", unit },
    { "version", version },
};

void greet(struct conn *c)
{
    c->show = in_celsius;
}

void serve(struct conn *c, char *line)
{
    char *command = strsep(&line, " "), *name = strsep(&line, " ");

    for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
        if (strcmp(commands[i].name, command) == 0) {
            commands[i].run(c, name ? name : "", line ? line : "");
            return;
        }
    say(c, "error: no such command");
}

static const char *port_file;

static int init_fresh(int type, sef_init_info_t *info)
{
    (void) type, (void) info;
    return net_init(port_file);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: station PORT-FILE\n");
        return 2;
    }
    port_file = argv[1];
    sef_setcb_init_fresh(init_fresh);
    if (sef_startup() != OK)
        return 1;
    for (;;)
        net_turn();
}
