/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reading memory, on several cores, before and after a fork.
 *
 * The memory is in small pages, as a service's heap is. The fastest of a few rounds counts, because
 * other load only adds.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reading.h"

enum { ROUNDS = 3 };

struct part {
    pthread_t thread;
    const uint64_t *words;
    size_t n;
    uint64_t sum; /* so that the reads are not left out */
};

static void *read_part(void *arg)
{
    struct part *part = arg;
    uint64_t sum = 0;

    for (size_t i = 0; i < part->n; i++)
        sum += part->words[i];
    part->sum = sum;
    return NULL;
}

static double clock_ms(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static int read_once(const uint64_t *words, size_t n, unsigned cores, struct reading *ret)
{
    double start = clock_ms(CLOCK_MONOTONIC), cpu_start = clock_ms(CLOCK_PROCESS_CPUTIME_ID);
    struct part parts[READING_CORES_MAX];
    unsigned started = 1;
    int err = 0;

    for (unsigned i = 0; i < cores; i++)
        parts[i] = (struct part) { .words = words + i * (n / cores), .n = n / cores };
    while (started < cores && !err) {
        err = pthread_create(&parts[started].thread, NULL, read_part, &parts[started]);
        started += !err;
    }
    read_part(&parts[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(parts[i].thread, NULL);
    *ret = (struct reading) { clock_ms(CLOCK_MONOTONIC) - start,
        clock_ms(CLOCK_PROCESS_CPUTIME_ID) - cpu_start };
    errno = err;
    return err ? -1 : 0;
}

static int read_forked(const uint64_t *words, size_t n, unsigned cores, struct reading *ret)
{
    int pipe_fds[2];
    ssize_t got;
    pid_t child;

    if (pipe(pipe_fds) != 0)
        return -1;
    child = fork();
    if (child == 0) {
        int err = read_once(words, n, cores, ret);

        _exit(err || write(pipe_fds[1], ret, sizeof(*ret)) != (ssize_t) sizeof(*ret));
    }
    close(pipe_fds[1]);
    got = child < 0 ? -1 : read(pipe_fds[0], ret, sizeof(*ret));
    close(pipe_fds[0]);
    if (child > 0)
        waitpid(child, NULL, 0);
    return got == (ssize_t) sizeof(*ret) ? 0 : -1;
}

static void keep_best(struct reading *best, const struct reading *now, int round)
{
    if (round == 0 || now->ms < best->ms)
        best->ms = now->ms;
    if (round == 0 || now->cpu_ms < best->cpu_ms)
        best->cpu_ms = now->cpu_ms;
}

int reading_measure(
    size_t bytes, unsigned cores, struct reading *ret_plain, struct reading *ret_forked)
{
    uint64_t *words = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t n = bytes / sizeof(*words);
    int err = 0;

    if (words == MAP_FAILED)
        return -1;
    memset(words, 1, bytes);
    for (int i = 0; i < ROUNDS && !err; i++) {
        struct reading plain, forked;

        err = read_once(words, n, cores, &plain);
        if (!err)
            err = read_forked(words, n, cores, &forked);
        if (!err) {
            keep_best(ret_plain, &plain, i);
            keep_best(ret_forked, &forked, i);
        }
    }
    munmap(words, bytes);
    return err;
}
