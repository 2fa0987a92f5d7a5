// SPDX-License-Identifier: BSD-2-Clause
// Handlers that allocate, on their own stack or inside a callback of the C library, disturb nobody.
#include "check.h"
#include <signal.h>
#include <string.h>
#include <sys/time.h>

struct event {
    struct event *next;
    int sig;
};
static struct event *events;
static volatile sig_atomic_t ticks;
static _Thread_local volatile int in_handler;

static void record(int sig)
{
    struct event *e = malloc(sizeof(*e));

    e->sig = sig;
    e->next = events;
    events = e;
}
static void tick(int sig)
{
    (void) sig;
    in_handler++;
    ticks++;
    in_handler--;
}
static int compare(const void *a, const void *b)
{
    if (*(const int *) a == 5)
        raise(SIGUSR2);
    return *(const int *) a - *(const int *) b;
}

int main(void)
{
    stack_t stack = { .ss_sp = malloc(64 << 10), .ss_size = 64 << 10 };
    struct sigaction action = { .sa_handler = record, .sa_flags = SA_ONSTACK };
    struct itimerval timer = { { 0, 500 }, { 0, 500 } };
    int numbers[] = { 9, 5, 1, 7, 3 }, n = 0;

    CHECK(sigaltstack(&stack, NULL) == 0);
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGUSR2, &action, NULL);
    for (int i = 0; i < 10; i++)
        raise(SIGUSR1);
    qsort(numbers, 5, sizeof(int), compare);
    CHECK(numbers[0] == 1 && numbers[2] == 5 && numbers[4] == 9);
    for (struct event *e = events, *next; e; e = next) {
        next = e->next;
        n += e->sig == SIGUSR1;
        free(e);
    }
    CHECK(n == 10);

    signal(SIGALRM, tick);
    setitimer(ITIMER_REAL, &timer, NULL);
    while (ticks < 20) {
        char *p = malloc(100 + (size_t) ticks);
        memset(p, ticks, 100);
        CHECK(p[99] <= ticks && in_handler == 0);
        free(p);
    }
    memset(&timer, 0, sizeof(timer));
    setitimer(ITIMER_REAL, &timer, NULL);
    puts("ok");
}
