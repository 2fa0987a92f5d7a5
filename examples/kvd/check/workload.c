/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What kvd-check asks, and what must come back; see workload.h.
 */
#include "workload.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_MAX = 128,          /* bytes of a key's name, with its zero */
    TEXT_USUAL = 200,       /* most values are shorter ... */
    TEXT_LARGE = 40 * 1024, /* ... some need several reads and writes */
    LARGE_ONE_IN = 512,
};

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

bool worker_init(struct worker *k, unsigned id, const struct workload *w)
{
    *k = (struct worker) { .id = id, .random = id };
    k->keys = calloc(w->n_keys, sizeof(*k->keys));
    return k->keys != NULL;
}

void worker_deinit(struct worker *k)
{
    free(k->keys);
    k->keys = NULL;
}

/* Append the text that `seed` stands for, as "$<length>\r\n<text>\r\n". */
static void append_text(struct buffer *b, uint64_t seed)
{
    char text[TEXT_LARGE];
    uint64_t state = seed;
    uint64_t first = next_random(&state);
    size_t limit = first % LARGE_ONE_IN == 0 ? TEXT_LARGE : TEXT_USUAL;
    size_t len = (first >> 16) % limit;

    for (size_t i = 0; i < len; i += 8) {
        uint64_t bits = next_random(&state);
        for (size_t j = i; j < len && j < i + 8; j++, bits >>= 8)
            text[j] = (char) ('a' + bits % 26);
    }
    buffer_printf(b, "$%zu\r\n", len);
    buffer_append(b, text, len);
    buffer_append(b, "\r\n", 2);
}

static void append_number(struct buffer *b, int64_t n)
{
    char digits[24];
    int len = snprintf(digits, sizeof(digits), "%" PRId64, n);

    buffer_printf(b, "$%d\r\n%s\r\n", len, digits);
}

static void append_command(struct buffer *b, int n_args, const char *name, const char *key)
{
    buffer_printf(b, "*%d\r\n$%zu\r\n%s\r\n", n_args, strlen(name), name);
    buffer_printf(b, "$%zu\r\n%s\r\n", strlen(key), key);
}

static uint64_t text_seed(const struct worker *k, uint32_t key, uint32_t version)
{
    return (uint64_t) k->id << 52 ^ (uint64_t) key << 32 ^ version;
}

static void ask_get(const struct worker *k, uint32_t index, const char *key, struct buffer *request,
    struct buffer *reply)
{
    const struct model *m = &k->keys[index];

    append_command(request, 2, "GET", key);
    if (m->kind == MODEL_ABSENT)
        buffer_printf(reply, "$-1\r\n");
    else if (m->kind == MODEL_NUMBER)
        append_number(reply, m->number);
    else
        append_text(reply, text_seed(k, index, m->version));
}

static void ask_set(
    struct worker *k, uint32_t index, const char *key, struct buffer *request, struct buffer *reply)
{
    struct model *m = &k->keys[index];

    append_command(request, 3, "SET", key);
    m->kind = next_random(&k->random) % 4 == 0 ? MODEL_NUMBER : MODEL_TEXT;
    m->number = (int64_t) next_random(&k->random) >> 8;
    m->version++;
    if (m->kind == MODEL_NUMBER)
        append_number(request, m->number);
    else
        append_text(request, text_seed(k, index, m->version));
    buffer_printf(reply, "+OK\r\n");
}

static void ask_incr(
    struct worker *k, uint32_t index, const char *key, struct buffer *request, struct buffer *reply)
{
    struct model *m = &k->keys[index];

    append_command(request, 2, "INCR", key);
    if (m->kind == MODEL_TEXT) {
        buffer_printf(reply, "-ERR value is not an integer or out of range\r\n");
        return;
    }
    m->number = m->kind == MODEL_NUMBER ? m->number + 1 : 1;
    m->kind = MODEL_NUMBER;
    buffer_printf(reply, ":%" PRId64 "\r\n", m->number);
}

static void ask_count(const struct worker *k, uint32_t index, const char *command, const char *key,
    struct buffer *request, struct buffer *reply)
{
    append_command(request, 2, command, key);
    buffer_printf(reply, ":%d\r\n", k->keys[index].kind != MODEL_ABSENT);
}

static bool next_of_random(
    struct workload *w, struct worker *k, struct buffer *request, struct buffer *reply)
{
    uint32_t index = w->finish ? k->cleaned++ : next_random(&k->random) % w->n_keys;
    uint64_t dice = next_random(&k->random) % 100;
    char key[KEY_MAX];

    if (index >= w->n_keys)
        return false;
    snprintf(key, sizeof(key), "%s:%u:%" PRIu32, w->prefix, k->id, index);
    if (w->finish || dice < 10) {
        ask_count(k, index, "DEL", key, request, reply);
        k->keys[index].kind = MODEL_ABSENT;
    } else if (dice < 15) {
        ask_count(k, index, "EXISTS", key, request, reply);
    } else if (dice < 35) {
        ask_incr(k, index, key, request, reply);
    } else if (dice < 65) {
        ask_set(k, index, key, request, reply);
    } else {
        ask_get(k, index, key, request, reply);
    }
    return true;
}

static bool next_of_bulk(struct workload *w, struct buffer *request, struct buffer *reply)
{
    char key[KEY_MAX];

    if (w->next_bulk == w->n_bulk)
        return false;
    uint64_t index = w->next_bulk++;
    snprintf(key, sizeof(key), "bulk:%" PRIu64, index);
    if (w->kind == WORKLOAD_LOAD) {
        append_command(request, 3, "SET", key);
        append_text(request, ~index);
        buffer_printf(reply, "+OK\r\n");
    } else {
        append_command(request, 2, "GET", key);
        append_text(reply, ~index);
    }
    return true;
}

bool workload_next(
    struct workload *w, struct worker *k, struct buffer *request, struct buffer *reply)
{
    if (w->kind == WORKLOAD_RANDOM)
        return next_of_random(w, k, request, reply);
    return next_of_bulk(w, request, reply);
}
