/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The heap index with many threads on the same pages, and over a fork in the midst of it.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "heap/heap_internal.h"

enum { THREADS = 6, SLOTS = 2048, ROUNDS = 150000 };

static const uintptr_t base = 0x7f0000000000;

/* A thread owns each sixth granule: its objects share all pages with the others' objects. */
struct worker {
    pthread_t thread;
    unsigned id;
    uint64_t seed;
    uint16_t kinds[SLOTS]; /* 0: no object */
    int wrong;
    const int *stop; /* NULL: after ROUNDS */
};

static uintptr_t addr_of(const struct worker *worker, size_t slot)
{
    return base + (slot * THREADS + worker->id) * 16;
}

static void *work(void *ctx)
{
    struct worker *worker = ctx;
    struct magic__object got;
    for (int i = 0; worker->stop ? !__atomic_load_n(worker->stop, __ATOMIC_RELAXED) : i < ROUNDS;
        i++) {
        worker->seed = worker->seed * 6364136223846793005u + 1442695040888963407u;
        size_t slot = (worker->seed >> 33) % SLOTS;
        uint16_t kind = (uint16_t) ((worker->seed >> 45 & 0x7fff) | 1);
        uintptr_t addr = addr_of(worker, slot);
        if (worker->kinds[slot]) {
            worker->wrong += !magic__heap_find(addr + slot % 16, &got) || got.addr != addr ||
                             got.kind != worker->kinds[slot];
            worker->wrong += !magic__heap_starts(addr);
            worker->wrong += !magic__heap_take(addr, &got) || got.kind != worker->kinds[slot];
            worker->kinds[slot] = 0;
        } else {
            worker->wrong += magic__heap_starts(addr);
            worker->wrong += magic__heap_find(addr, &got) || magic__heap_remove(addr, NULL);
            worker->wrong += magic__heap_add(addr, 1 + slot % 16, kind) != 0;
            worker->kinds[slot] = kind;
        }
    }
    return NULL;
}

static void start(struct worker *workers, const int *stop)
{
    for (unsigned i = 0; i < THREADS; i++) {
        workers[i] = (struct worker) { .id = i, .seed = i + 1, .stop = stop };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
}

static void join(struct worker *workers)
{
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
}

/* Iteration, lookup by address and removal must tell the same; returns the number of objects, -1
 * if they do not. Empties the index. */
static long drain(void)
{
    struct magic__object batch[MAGIC__HEAP_BATCH], got;
    uintptr_t from = 0, last = 0;
    size_t n;
    long total = 0;
    while ((n = magic__heap_batch(&from, UINTPTR_MAX, batch)) > 0) {
        for (size_t i = 0; i < n; i++) {
            if (batch[i].addr <= last || batch[i].size == 0 || batch[i].size > 16 ||
                !magic__heap_find(batch[i].addr, &got) || got.addr != batch[i].addr ||
                got.kind != batch[i].kind || !magic__heap_remove(batch[i].addr, NULL))
                return -1;
            last = batch[i].addr;
            total++;
        }
    }
    return total;
}

/* Whether counters and index agree, and everything can be taken out. */
static int is_whole(void)
{
    struct magic__heap_stats before, after;
    magic__heap_stats(&before);
    long n = drain();
    magic__heap_stats(&after);
    return n >= 0 && (size_t) n == before.objects && after.objects == 0 && after.pages == 0 &&
           after.record_bytes == 0;
}

static void hammered_pages_stay_exact(void **state)
{
    static struct worker workers[THREADS];
    struct magic__object got;
    struct magic__heap_stats stats;
    long live = 0;
    (void) state;
    start(workers, NULL);
    join(workers);
    for (unsigned i = 0; i < THREADS; i++) {
        assert_int_equal(workers[i].wrong, 0);
        for (size_t slot = 0; slot < SLOTS; slot++) {
            int found = magic__heap_find(addr_of(&workers[i], slot), &got);
            assert_int_equal(found ? got.kind : 0, workers[i].kinds[slot]);
            live += found;
        }
    }
    magic__heap_stats(&stats);
    assert_int_equal(stats.objects, live);
    assert_int_equal(drain(), live);
}

static void fork_takes_a_consistent_index(void **state)
{
    static struct worker workers[THREADS];
    int stop = 0, status;
    (void) state;
    start(workers, &stop);
    for (int i = 0; i < 60; i++) {
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0) {
            magic__heap_after_fork(); /* a second time: must do no harm */
            _exit(!is_whole() || magic__heap_add(base, 16, 1) != 0 ||
                  !magic__heap_remove(base, NULL));
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
    join(workers);
    for (unsigned i = 0; i < THREADS; i++)
        assert_int_equal(workers[i].wrong, 0);
    assert_true(is_whole());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hammered_pages_stay_exact),
        cmocka_unit_test(fork_takes_a_consistent_index),
    };
    magic__heap_prepare();
    return cmocka_run_group_tests_name("heap_threads", tests, NULL, NULL);
}
