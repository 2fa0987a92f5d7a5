// SPDX-License-Identifier: BSD-2-Clause
// A jump out of allocation wrappers leaves the program in order, however deep it comes from.
#include "check.h"
#include <setjmp.h>
#include <signal.h>
#include <string.h>

struct thing {
    struct thing *next;
    int n;
};
static jmp_buf target;
static sigjmp_buf signal_target;
static struct thing *all;

static void *or_jump(size_t n, int jump)
{
    void *p = malloc(n);

    if (jump)
        longjmp(target, jump);
    return p;
}
static struct thing *make(int n, int jump)
{
    struct thing *t = or_jump(sizeof(*t), jump);

    t->n = n;
    t->next = all;
    return all = t;
}
static void on_signal(int sig)
{
    siglongjmp(signal_target, sig);
}
static void *or_raise(size_t n, int sig)
{
    void *p = calloc(1, n);

    if (sig)
        raise(sig);
    return p;
}

int main(void)
{
    volatile int jumps = 0, signals = 0;
    struct thing *volatile last = NULL;

    for (volatile int i = 0; i < 1000; i++) {
        int came = setjmp(target);

        if (came) {
            CHECK(came == i % 7 + 1);
            jumps++;
            continue;
        }
        last = make(i, i % 3 ? 0 : i % 7 + 1);
        CHECK(last->n == i);
    }
    signal(SIGUSR1, on_signal);
    for (volatile int i = 0; i < 100; i++) {
        if (sigsetjmp(signal_target, 1) == SIGUSR1) {
            signals++;
            continue;
        }
        struct thing *t = or_raise(sizeof(*t), i % 2 ? SIGUSR1 : 0);
        CHECK(!t->n && !t->next);
        free(t);
    }
    int kept = 0, sum = 0;
    for (struct thing *t = all, *next; t; t = next, kept++) {
        next = t->next;
        sum += t->n;
        free(t);
    }
    CHECK(kept + jumps == 1000 && signals == 50);
    printf("ok %d %d\n", kept, sum);
}
