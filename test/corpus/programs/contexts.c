// SPDX-License-Identifier: BSD-2-Clause
// Coroutines on heap stacks allocate in turns, and deep recursion has the stack it has without SEF.
#include "check.h"
#include <string.h>
#include <sys/resource.h>
#include <ucontext.h>

#define COROUTINES 5
struct coroutine {
    ucontext_t context;
    char *stack;
    struct coroutine *next;
    char *made;
    int id;
};
static ucontext_t main_context;
static struct coroutine *current;
static int order[COROUTINES * 10], n_order;

static void *yielding(size_t n)
{
    struct coroutine *self = current;
    void *p = calloc(1, n);

    current = self->next;
    swapcontext(&self->context, &current->context);
    return p;
}
static void body(void)
{
    for (int i = 0; i < 9; i++) {
        order[n_order++] = current->id;
        free(current->made);
        char *made = yielding(100);
        memset(made, 'a' + current->id, 99);
        current->made = made;
    }
    order[n_order++] = current->id;
    if (current->next->id)
        current = current->next, setcontext(&current->context);
    setcontext(&main_context);
}
static __attribute__((noinline)) size_t recurse(size_t depth)
{
    volatile char frame[1024];
    char *p = malloc(16);
    size_t below;

    frame[depth % 1024] = (char) depth;
    *p = frame[depth % 1024];
    below = depth ? recurse(depth - 1) : 0;
    CHECK(*p == (char) depth);
    free(p);
    return below + (size_t) (frame[depth % 1024] == (char) depth);
}

int main(void)
{
    struct coroutine *all = calloc(COROUTINES, sizeof(*all));

    for (int i = 0; i < COROUTINES; i++) {
        all[i].stack = malloc(256 << 10);
        all[i].next = &all[(i + 1) % COROUTINES];
        all[i].id = i;
        getcontext(&all[i].context);
        all[i].context.uc_stack = (stack_t) { .ss_sp = all[i].stack, .ss_size = 256 << 10 };
        makecontext(&all[i].context, body, 0);
    }
    current = all;
    swapcontext(&main_context, &current->context);
    for (int i = 0; i < n_order; i++)
        CHECK(order[i] == i % COROUTINES);
    for (int i = 0; i < COROUTINES; i++) {
        CHECK(strlen(all[i].made) == 99 && all[i].made[50] == 'a' + i);
        free(all[i].made);
        free(all[i].stack);
    }
    free(all);
    printf("ok %d %zu\n", n_order, recurse(5000));
}
