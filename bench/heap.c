/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The service that bench/pause updates: a heap of a chosen kind and size that does nothing.
 *
 * usage: heap typed|opaque MIB
 * typed: 16 objects of 64 bytes (with malloc's header) to each KiB, one in 16 of them a struct hot;
 * opaque: blocks of 64 KiB without a type, whose words are numbers and one pointer each KiB. Built
 * with -DHOT_GREW, struct hot has a member more. On SIGTERM it checks that every object is as it
 * was made and exits with 0 if so.
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

static struct hot *hot_list;
static void **blocks;
static uint64_t n_objects;
static int signal_fd = -1;
static const char *kind;
static uint64_t mib;

static int make_typed(void)
{
    for (uint64_t i = 0; i < mib * 1024; i++) {
        struct hot *hot = calloc(1, sizeof(*hot));

        if (!hot)
            return ENOMEM;
        hot->serial = n_objects++;
        for (int k = 0; k < 15; k++) {
            struct cold *cold = calloc(1, sizeof(*cold));

            if (!cold)
                return ENOMEM;
            cold->serial = n_objects++;
            cold->next = hot->first;
            hot->first = cold;
        }
        hot->next = hot_list;
        hot_list = hot;
    }
    return OK;
}

static int check_typed(void)
{
    uint64_t serial = n_objects;

    for (const struct hot *hot = hot_list; hot; hot = hot->next) {
        for (const struct cold *cold = hot->first; cold; cold = cold->next)
            if (cold->serial != --serial)
                return 1;
        if (hot->serial != --serial)
            return 1;
    }
    return serial != 0;
}

static int make_opaque(void)
{
    uint64_t seed = 1;

    n_objects = mib * 16;
    blocks = calloc(n_objects, sizeof(*blocks));
    if (!blocks)
        return ENOMEM;
    for (uint64_t i = 0; i < n_objects; i++) {
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

static int check_opaque(void)
{
    for (uint64_t i = 0; i < n_objects; i++) {
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

    (void) type;
    (void) info;
    sigemptyset(&mask);
    sigaddset(&mask, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &mask, NULL) != 0)
        return errno;
    signal_fd = signalfd(-1, &mask, SFD_CLOEXEC);
    if (signal_fd < 0)
        return errno;
    return strcmp(kind, "typed") == 0 ? make_typed() : make_opaque();
}

int main(int argc, char **argv)
{
    struct pollfd fd = { .events = POLLIN };

    if (argc != 3 || (strcmp(argv[1], "typed") != 0 && strcmp(argv[1], "opaque") != 0)) {
        fputs("usage: heap typed|opaque MIB\n", stderr);
        return 2;
    }
    kind = argv[1];
    mib = strtoull(argv[2], NULL, 10);
    sef_setcb_init_fresh(init_fresh);
    if (sef_startup() != OK)
        return 1;
    fd.fd = signal_fd;
    while (sef_wait(&fd, 1, -1) <= 0)
        continue;
    sef_exit(strcmp(kind, "typed") == 0 ? check_typed() : check_opaque());
}
