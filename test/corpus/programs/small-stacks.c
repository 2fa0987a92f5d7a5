// SPDX-License-Identifier: BSD-2-Clause
// Allocation needs no more stack than the smallest threads and handlers have, and keeps errno.
#include "check.h"
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

struct node {
    struct node *next;
    char text[30];
};
static struct node *in_handler;

static struct node *make(struct node *next)
{
    struct node *n = malloc(sizeof(*n));

    errno = 77;
    n = realloc(n, sizeof(*n));
    n->next = calloc(1, sizeof(*n));
    n->next->next = next;
    CHECK(errno == 77);
    strcpy(n->text, "text");
    return n;
}
static void drop(struct node *n)
{
    for (struct node *next; n; n = next) {
        next = n->next;
        free(n);
    }
    CHECK(errno == 77);
}
static void *work(void *arg)
{
    struct node *n = arg;

    for (int i = 0; i < 100; i++)
        n = make(n);
    drop(n);
    return arg;
}
static void on_signal(int sig)
{
    (void) sig;
    in_handler = make(in_handler);
}

int main(void)
{
    pthread_attr_t attr;
    pthread_t threads[20];
    size_t size = (size_t) sysconf(_SC_MINSIGSTKSZ) + 4096;
    stack_t stack = { .ss_sp = malloc(size), .ss_size = size };
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_ONSTACK };

    pthread_attr_init(&attr);
    CHECK(pthread_attr_setstacksize(&attr, (size_t) PTHREAD_STACK_MIN) == 0);
    for (int i = 0; i < 20; i++)
        CHECK(pthread_create(&threads[i], &attr, work, NULL) == 0);
    for (int i = 0; i < 20; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK(sigaltstack(&stack, NULL) == 0 && sigaction(SIGUSR1, &action, NULL) == 0);
    for (int i = 0; i < 20; i++)
        CHECK(raise(SIGUSR1) == 0);
    drop(in_handler);
    puts("ok");
}
