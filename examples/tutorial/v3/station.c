/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station, version 3: sensors put readings, clients get them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "station.h"

static struct sensor *buckets[8];
static temp_t limit = 30; /* HIGH from here */
static unsigned long n_puts;

static struct sensor **place(const char *name)
{
    unsigned hash = 0;
    struct sensor **at;

    for (const char *p = name; *p; p++)
        hash = hash * 31 + (unsigned char) *p;
    at = &buckets[hash % 8];
    while (*at && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

static struct sensor *find_or_add(const char *name)
{
    struct sensor **at = place(name);

    if (!*at && strlen(name) < sizeof((*at)->name)) {
        *at = calloc(1, sizeof(**at));
        if (*at)
            strcpy((*at)->name, name);
    }
    return *at;
}

static const char *level_name(enum level level)
{
    static const char *const names[] = { [NORMAL] = "normal", [HIGH] = "high" };

    return names[level];
}

static void show_celsius(struct conn *c, const struct sensor *s)
{
    say(c, "%s %d C %s", s->name, s->now, level_name(s->level));
}

static void show_fahrenheit(struct conn *c, const struct sensor *s)
{
    say(c, "%s %d F %s", s->name, s->now * 9 / 5 + 32, level_name(s->level));
}

static void put(struct conn *c, char *name, char *value)
{
    char *end;
    long now = strtol(value, &end, 10);
    struct sensor *s;

    if (!*value || *end || now < -99 || now > 999) {
        say(c, "error: '%s' is no temperature", value);
        return;
    }
    s = find_or_add(name);
    if (!s) {
        say(c, "error: the name is too long");
        return;
    }
    memmove(s->history + 1, s->history, sizeof(s->history) - sizeof(*s->history));
    s->history[0] = s->now;
    s->now = (temp_t) now;
    s->level = s->now >= limit ? HIGH : NORMAL;
    s->n_puts++;
    n_puts++;
    say(c, "ok");
}

static void again(struct conn *c, char *name, char *value)
{
    (void) name, (void) value;
    if (c->last)
        c->show(c, c->last);
    else
        say(c, "error: ask for a sensor first");
}

static void get(struct conn *c, char *name, char *value)
{
    struct sensor *s = *place(name);

    if (!s) {
        say(c, "error: there is no %s", name);
        return;
    }
    c->last = s;
    again(c, name, value);
}

static void history(struct conn *c, char *name, char *value)
{
    const struct sensor *s = *place(name);
    char text[200] = "";

    (void) value;
    for (size_t i = 0; s && i < sizeof(s->history) / sizeof(*s->history); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %d", s->history[i]);
    say(c, "%s before:%s", name, text);
}

static void note(struct conn *c, char *name, char *text)
{
    struct sensor *s = *place(name);
    size_t len = strlen(text);
    struct note *n = s ? malloc(sizeof(*n) + len + 1) : NULL;

    if (!n) {
        say(c, "error: there is no %s", name);
        return;
    }
    n->len = len;
    memcpy(n->text, text, len + 1);
    free(s->note);
    s->note = n;
    say(c, "ok");
}

static void about(struct conn *c, char *name, char *value)
{
    const struct sensor *s = *place(name);

    (void) value;
    if (s)
        say(c, "%s: %s; readings: %u", name, s->note ? s->note->text : "no note", s->n_puts);
    else
        say(c, "error: there is no %s", name);
}

static void set_limit(struct conn *c, char *name, char *value)
{
    (void) value;
    limit = (temp_t) atoi(name);
    say(c, "ok");
}

static void stats(struct conn *c, char *name, char *value)
{
    (void) name, (void) value;
    say(c, "readings: %lu, clients: %u, high from %d", n_puts, n_conns, limit);
}

static void unit(struct conn *c, char *name, char *value)
{
    (void) value;
    c->show = *name == 'f' ? show_fahrenheit : show_celsius;
    say(c, "ok");
}

static void version(struct conn *c, char *name, char *value)
{
    (void) name, (void) value;
    say(c, "station 3");
}

static const struct {
    const char *name;
    void (*run)(struct conn *c, char *name, char *value);
} commands[] = {
    { "put", put },
    { "get", get },
    { "again", again },
    { "history", history },
    { "note", note },
    { "about", about },
    { "limit", set_limit },
    { "stats", stats },
    { "unit", unit },
    { "version", version },
};

void greet(struct conn *c)
{
    c->show = show_celsius;
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
