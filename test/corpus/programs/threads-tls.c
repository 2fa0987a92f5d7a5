// SPDX-License-Identifier: BSD-2-Clause
// Threads have variables, keys and heap objects of their own.
#include "check.h"
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define THREADS 8
struct job {
    int id, *shared;
    char *text;
};
static _Thread_local int counter = 5;
_Thread_local char big[10000] = "big";
_Thread_local _Alignas(128) long aligned_one;
static __thread int hidden_one __attribute__((tls_model("local-dynamic")));
static __thread struct job *mine;
static pthread_key_t key;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t barrier;
static int destroyed, sum;

static int *address_of_counter(void)
{
    return &counter;
}
static void destroy(void *p)
{
    pthread_mutex_lock(&lock);
    destroyed += *(int *) p > 0;
    pthread_mutex_unlock(&lock);
    free(p);
}
static void *work(void *arg)
{
    int *value = malloc(sizeof(*value));

    mine = arg;
    *value = mine->id + 1;
    pthread_setspecific(key, value);
    CHECK(counter == 5 && !strcmp(big, "big") && !hidden_one && !aligned_one);
    CHECK((uintptr_t) &aligned_one % 128 == 0);
    for (int i = 0; i < 500; i++) {
        mine->text = realloc(mine->text, (size_t) (i + 2));
        memset(mine->text, 'a' + mine->id, (size_t) (i + 1));
        ++*address_of_counter();
        hidden_one += mine->id;
    }
    pthread_barrier_wait(&barrier);
    CHECK(counter == 505 && hidden_one == 500 * mine->id);
    pthread_mutex_lock(&lock);
    *mine->shared += mine->text[499] - 'a';
    pthread_mutex_unlock(&lock);
    return mine->text;
}

int main(void)
{
    pthread_t threads[THREADS];
    struct job jobs[THREADS];

    pthread_key_create(&key, destroy);
    pthread_barrier_init(&barrier, NULL, THREADS);
    for (int i = 0; i < THREADS; i++) {
        jobs[i] = (struct job) { i, &sum, NULL };
        CHECK(pthread_create(&threads[i], NULL, work, &jobs[i]) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *text;
        pthread_join(threads[i], &text);
        free(text);
    }
    CHECK(counter == 5 && !mine && destroyed == THREADS);
    printf("ok %d\n", sum);
}
