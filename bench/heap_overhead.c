/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What heap tracking costs: time of a malloc/free pair plain, wrapped and typed, bytes of index an
 * object, and time to visit or look up an object.
 *
 * All variants run interleaved in one process and medians are printed, because a small machine's
 * speed drifts by more than what is measured. Build: cmake --build DIR --target heap_overhead.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "heap/heap.h"

enum { ROUNDS = 41, PAIRS = 100000, LIVE = 4096, OBJECTS = 1000000, SIZE = 64 };

extern __thread struct magic_site_rec *__magic_site;

static struct magic_site_rec typed = { .type = 4, .elem_size = SIZE, .flags = MAGIC_SITE_SINGLE };
static struct magic_site_rec leaf = { .type = 4, .elem_size = 1, .flags = MAGIC_SITE_LEAF };

/* A way to allocate: which functions, at which site. */
struct variant {
    const char *name;
    void *(*alloc)(size_t);
    void (*release)(void *);
    struct magic_site_rec *site;
};

static void *live[LIVE];

/* Time of this thread on a processor: what other processes take does not count. */
static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return x < y ? -1 : x > y;
}

static double median(double *times)
{
    qsort(times, ROUNDS, sizeof(*times), compare);
    return times[ROUNDS / 2];
}

/* One block after the other: the allocator's fastest path. */
static double pairs(const struct variant *v)
{
    double start = now();
    for (int i = 0; i < PAIRS; i++) {
        __magic_site = v->site;
        void *p = v->alloc(SIZE);
        __magic_site = NULL;
        __asm__ volatile("" : : "r"(p) : "memory");
        v->release(p);
    }
    return (now() - start) / PAIRS;
}

/* Replace a random one of many live blocks, as a server does. */
static double churn(const struct variant *v)
{
    uint32_t random = 1;
    for (int i = 0; i < LIVE; i++) {
        __magic_site = v->site;
        live[i] = v->alloc(SIZE);
    }
    double start = now();
    for (int i = 0; i < PAIRS; i++) {
        random = random * 1664525 + 1013904223;
        void **slot = &live[random >> 20];
        v->release(*slot);
        __magic_site = v->site;
        *slot = v->alloc(SIZE);
        __magic_site = NULL;
    }
    double time = (now() - start) / PAIRS;
    for (int i = 0; i < LIVE; i++)
        v->release(live[i]);
    return time;
}

static void compare_variants(
    const char *title, double (*run)(const struct variant *), const struct variant *variants, int n)
{
    static double times[8][ROUNDS];
    for (int r = 0; r < ROUNDS; r++)
        for (int i = 0; i < n; i++)
            times[i][r] = run(&variants[i]);
    printf("%-28s", title);
    for (int i = 0; i < n; i++)
        printf("  %s %.1f", variants[i].name, median(times[i]));
    printf("  ns a pair\n");
}

static long resident(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f) {
        if (fscanf(f, "%*d %ld", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return pages * 4096;
}

static double visit_each(void)
{
    struct magic__object object;
    size_t n = 0;
    double start = now();
    for (uintptr_t at = 0; magic__heap_next(at, UINTPTR_MAX, &object); at = object.addr + 1)
        n++;
    return (now() - start) / (double) n;
}

static double visit_batches(void)
{
    struct magic__object batch[MAGIC__HEAP_BATCH];
    uintptr_t from = 0;
    size_t n = 0, got;
    double start = now();
    while ((got = magic__heap_batch(&from, UINTPTR_MAX, batch)) > 0)
        n += got;
    return (now() - start) / (double) n;
}

static double find_at_random(void **blocks)
{
    struct magic__object object;
    uint32_t random = 1;
    size_t found = 0;
    double start = now();
    for (int i = 0; i < OBJECTS; i++) {
        random = random * 1664525 + 1013904223;
        found += (size_t) magic__heap_find((uintptr_t) blocks[random % OBJECTS] + 40, &object);
    }
    return (now() - start) / (double) found;
}

static void measure_objects(void)
{
    struct magic__heap_stats stats;
    void **blocks = calloc(OBJECTS, sizeof(*blocks));
    long resident_of[2];
    if (!blocks)
        return;
    memset(blocks, 1, OBJECTS * sizeof(*blocks));
    for (int use = 0; use < 2; use++) {
        long before = resident();
        for (int i = 0; i < OBJECTS; i++) {
            __magic_site = use ? &typed : NULL;
            blocks[i] = malloc(SIZE);
            __magic_site = NULL;
            memset(blocks[i], 1, SIZE);
        }
        resident_of[use] = resident() - before;
        if (use == 0)
            for (int i = 0; i < OBJECTS; i++)
                free(blocks[i]);
    }
    magic__heap_stats(&stats);
    double objects = (double) stats.objects;
    printf("%d objects of %d bytes: %.2f bytes of records an object (%.1f objects a page)\n",
        OBJECTS, SIZE, (double) stats.record_bytes / objects, objects / (double) stats.pages);
    /* The typed objects lie in what the plain ones left: the rest is the index. */
    printf("resident bytes an object: %.1f heap, %.1f index\n", (double) resident_of[0] / OBJECTS,
        (double) resident_of[1] / OBJECTS);
    printf("visit %.1f ns an object one by one, %.1f by pages; find at random %.1f ns\n",
        visit_each(), visit_batches(), find_at_random(blocks));
    for (int i = 0; i < OBJECTS; i++)
        free(blocks[i]);
    free(blocks);
}

static void *wait_for_ever(void *arg)
{
    pause();
    return arg;
}

int main(void)
{
    void *libc = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
    pthread_t thread;
    if (!libc)
        return 1;
    struct variant variants[] = {
        { .name = "plain", .site = NULL },
        { .name = "wrapped", .alloc = malloc, .release = free, .site = NULL },
        { .name = "leaf", .alloc = malloc, .release = free, .site = &leaf },
        { .name = "typed", .alloc = malloc, .release = free, .site = &typed },
    };
    *(void **) &variants[0].alloc = dlsym(libc, "malloc");
    *(void **) &variants[0].release = dlsym(libc, "free");
    measure_objects();
    compare_variants("one thread, same block", pairs, variants, 4);
    compare_variants("one thread, 4096 live", churn, variants, 4);
    if (pthread_create(&thread, NULL, wait_for_ever, NULL) != 0)
        return 1;
    compare_variants("with threads, same block", pairs, variants, 4);
    compare_variants("with threads, 4096 live", churn, variants, 4);
    return 0;
}
