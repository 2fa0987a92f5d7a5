/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service that bench/pause and bench/scale update: a heap of a chosen size that does nothing.
 *
 * usage: heap OBJECTS HOT BLOCKS [table]
 * OBJECTS small structures of which HOT, evenly spread, are a struct hot, each the head of a list
 * of the others up to the next; the hot ones form a list too and, with "table", an array that leads
 * to them in an order that no cache guesses. BLOCKS of 64 KiB have no type: their words are numbers
 * and one pointer each KiB. Built with -DHOT_GREW, struct hot has a member more. On SIGTERM the
 * service checks that all is as it was made and exits with 0 if so.
 */
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>

#include <sef/sef.h>

enum { BLOCK_WORDS = 8192, WORDS_PER_POINTER = 128 };

struct cold {
    struct cold *next;
    uint64_t serial;
    uint64_t values[4];
};

struct hot {
    struct hot *next;
#ifdef HOT_GREW
    uint64_t uses;
#endif
    struct cold *first;
    uint64_t serial;
    uint64_t values[2];
};

static struct {
    uint64_t objects, hot, blocks;
    int table;
} wanted;

static struct hot *hot_list, **hot_table;
static void **blocks;
static int signal_fd = -1;

static int make_hot(uint64_t serial)
{
    struct hot *hot = calloc(1, sizeof(*hot));

    if (!hot)
        return ENOMEM;
    hot->serial = serial;
    hot->next = hot_list;
    hot_list = hot;
    return OK;
}

static int make_cold(uint64_t serial)
{
    struct cold *cold = calloc(1, sizeof(*cold));

    if (!cold)
        return ENOMEM;
    cold->serial = serial;
    cold->next = hot_list->first;
    hot_list->first = cold;
    return OK;
}

static int make_objects(void)
{
    int err = OK;

    for (uint64_t i = 0; i < wanted.objects && err == OK; i++)
        err = i * wanted.hot % wanted.objects < wanted.hot ? make_hot(i) : make_cold(i);
    return err;
}

/* The table's place for the number of a struct hot: far from its neighbours'. */
static uint64_t place(uint64_t number)
{
    return number * 2654435761u % wanted.hot; /* a prime that is a factor of no number asked for */
}

static int make_table(void)
{
    uint64_t number = 0;

    hot_table = calloc(wanted.hot, sizeof(*hot_table));
    if (!hot_table)
        return ENOMEM;
    for (struct hot *hot = hot_list; hot; hot = hot->next)
        hot_table[place(number++)] = hot;
    return OK;
}

static int make_blocks(void)
{
    uint64_t seed = 1;

    blocks = calloc(wanted.blocks, sizeof(*blocks));
    if (!blocks)
        return ENOMEM;
    for (uint64_t i = 0; i < wanted.blocks; i++) {
        void *block = malloc(BLOCK_WORDS * sizeof(uint64_t));
        uint64_t *words = block;

        if (!block)
            return ENOMEM;
        blocks[i] = block;
        for (int k = 0; k < BLOCK_WORDS; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            words[k] = k % WORDS_PER_POINTER ? seed >> 24 : (uintptr_t) block;
        }
    }
    return OK;
}

/* Lists lead from the object made last to the first. */
static int check_objects(void)
{
    uint64_t serial = wanted.objects, number = 0;

    for (const struct hot *hot = hot_list; hot; hot = hot->next) {
        for (const struct cold *cold = hot->first; cold; cold = cold->next)
            if (cold->serial != --serial)
                return 1;
        if (hot->serial != --serial)
            return 1;
        if (hot_table && hot_table[place(number)] != hot)
            return 1;
        number++;
    }
    return serial != 0 || number != wanted.hot;
}

static int check_blocks(void)
{
    for (uint64_t i = 0; i < wanted.blocks; i++) {
        const uint64_t *words = blocks[i];

        for (int k = 0; k < BLOCK_WORDS; k += WORDS_PER_POINTER)
            if (words[k] != (uintptr_t) words)
                return 1;
    }
    return 0;
}

static int init_fresh(int type, sef_init_info_t *info)
{
    sigset_t mask;
    int err;

    (void) type;
    (void) info;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &mask, NULL) != 0)
        return errno;
    signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
    if (signal_fd < 0)
        return errno;
    err = make_objects();
    if (err == OK && wanted.table)
        err = make_table();
    return err == OK ? make_blocks() : err;
}

static int read_arguments(int argc, char **argv)
{
    if (argc < 4 || argc > 5)
        return -1;
    wanted.objects = strtoull(argv[1], NULL, 10);
    wanted.hot = strtoull(argv[2], NULL, 10);
    wanted.blocks = strtoull(argv[3], NULL, 10);
    wanted.table = argc == 5 && strcmp(argv[4], "table") == 0;
    return wanted.hot > wanted.objects || (wanted.objects && !wanted.hot) ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct pollfd fd = { .events = POLLIN };

    if (read_arguments(argc, argv) != 0) {
        fputs("usage: heap OBJECTS HOT BLOCKS [table]\n", stderr);
        return 2;
    }
    sef_setcb_init_fresh(init_fresh);
    if (sef_startup() != OK)
        return 1;
    fd.fd = signal_fd;
    while (sef_wait(&fd, 1, -1) <= 0)
        continue;
    sef_exit(check_objects() || check_blocks());
}
