/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A weather station, version 7: probes put readings, clients get them.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sef/sef.h>

#include "station.h"

static struct probe *buckets[8];
static temp_t high_from = 303150; /* HIGH from here */
static temp_t frost = 273150;     /* LOW up to here */

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
        if (*at)
            (*at)->history = calloc(1, sizeof(struct history));
    }
    return *at && (*at)->history ? *at : NULL;
}

static const char *level_name(enum level level)
{
    static const char *const names[] = { [LOW] = "low", [NORMAL] = "normal", [HIGH] = "high" };

    return names[level];
}

static void in_celsius(struct conn *c, const struct probe *p)
{
    say(c, "%s %.1f C %s", p->name, to_celsius(p->history->current), level_name(p->level));
}

static void in_fahrenheit(struct conn *c, const struct probe *p)
{
    double t = to_celsius(p->history->current) * 9 / 5 + 32;

    say(c, "%s %.1f F %s", p->name, t, level_name(p->level));
}

static void put(struct conn *c, char *name, char *value)
{
    char *end;
    double now = strtod(value, &end);
    struct probe *p;
    struct history *h;

    if (!*value || *end || now < -99 || now > 999) {
        say(c, "error: '%s' is no temperature", value);
        return;
    }
    p = find_or_add(name);
    if (!p) {
        say(c, "error: the name is too long");
        return;
    }
    h = p->history;
    memmove(h->before + 1, h->before, sizeof(h->before) - sizeof(*h->before));
    h->before[0] = h->current;
    h->current = from_celsius(now);
    p->level = h->current >= high_from ? HIGH : h->current <= frost ? LOW : NORMAL;
    p->n_alarms += p->level == HIGH;
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
    for (size_t i = 0; p && i < sizeof(p->history->before) / sizeof(temp_t); i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), " %.1f",
            to_celsius(p->history->before[i]));
    say(c, "%s before:%s", name, text);
}

static void watch(struct conn *c, char *name, char *value)
{
    struct probe *p = *place(name);
    double from, to;

    if (p) {
        c->watch = PROBE;
        c->of.probe = p;
    } else if (strcmp(name, "range") == 0 && sscanf(value, "%lf %lf", &from, &to) == 2) {
        c->watch = RANGE;
        c->of.range = (struct range) { 0, from_celsius(from), from_celsius(to) };
    } else {
        say(c, "ok, told: %u", c->watch == RANGE ? c->of.range.n_told : 0);
        c->watch = NOTHING;
        return;
    }
    say(c, "ok");
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
        say(c, "%s: %s; readings: %lu, too high: %u", name, p->note ? p->note->text : "no note",
            p->n_puts, p->n_alarms);
    else
        say(c, "error: there is no %s", name);
}

static void set_limit(struct conn *c, char *name, char *value)
{
    (void) value;
    high_from = from_celsius(atof(name));
    say(c, "ok");
}

static void stats(struct conn *c, char *name, char *value)
{
    (void) name, (void) value;
    say(c, "readings: %lu, clients: %u, high from %.1f", n_readings(), n_conns,
        to_celsius(high_from));
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
    say(c, "station 7");
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
    if (convert_init() != 0)
        return 1;
    if (sef_startup() != OK)
        return 1;
    for (;;)
        net_turn();
}
