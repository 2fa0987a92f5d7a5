// SPDX-License-Identifier: BSD-2-Clause
// A thread is cancelled where it may be and nowhere else: allocation is no such place.
#include "check.h"
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 20 };
struct node {
    struct node *next;
    int n;
};
static pthread_barrier_t started;
static _Thread_local int depth;

static void at_cancel(void *depth_then)
{
    CHECK(*(int *) depth_then == 0);
}
static void *work(void *arg)
{
    pthread_cleanup_push(at_cancel, &depth);
    pthread_barrier_wait(&started);
    for (;;) {
        struct node *list = NULL;

        depth = 1;
        for (int i = 0; i < 20; i++) {
            struct node *n = malloc(sizeof(*n));
            *n = (struct node) { list, i };
            list = n;
        }
        for (struct node *next; list; list = next) {
            next = list->next;
            free(list);
        }
        depth = 0;
        pthread_testcancel();
    }
    pthread_cleanup_pop(0);
    return arg;
}

int main(void)
{
    for (int round = 0; round < ROUNDS; round++) {
        pthread_t threads[THREADS];
        void *result;

        pthread_barrier_init(&started, NULL, THREADS + 1);
        for (int i = 0; i < THREADS; i++)
            CHECK(pthread_create(&threads[i], NULL, work, NULL) == 0);
        pthread_barrier_wait(&started);
        for (int i = 0; i < THREADS; i++) {
            sched_yield();
            CHECK(pthread_cancel(threads[i]) == 0);
        }
        for (int i = 0; i < THREADS; i++)
            CHECK(pthread_join(threads[i], &result) == 0 && result == PTHREAD_CANCELED);
    }
    puts("ok");
}
