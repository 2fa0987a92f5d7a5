// SPDX-License-Identifier: BSD-2-Clause
// Thread-local variables of every access model are each thread's own, and can be pointed at.
#include "check.h"
#include <pthread.h>

struct state {
    struct state *self;
    int n;
};
static __thread struct state global_dynamic __attribute__((tls_model("global-dynamic"))) = { 0, 1 };
static __thread struct state local_dynamic __attribute__((tls_model("local-dynamic"))) = { 0, 2 };
static __thread struct state initial_exec __attribute__((tls_model("initial-exec"))) = { 0, 3 };
static __thread int local_exec __attribute__((tls_model("local-exec"))) = 4;
__thread struct state *owned;
static _Thread_local int zero[1000];

static void *work(void *arg)
{
    CHECK(global_dynamic.n == 1 && local_dynamic.n == 2 && initial_exec.n == 3);
    CHECK(!owned && !zero[999]++ && local_exec++ == 4);
    owned = malloc(sizeof(*owned));
    global_dynamic.self = &local_dynamic;
    local_dynamic.self = &initial_exec;
    initial_exec.self = owned;
    owned->self = &global_dynamic;
    owned->n = (int) (long) arg;
    for (struct state *s = &global_dynamic; s->n < 10; s = s->self)
        s->n++;
    CHECK(global_dynamic.self->self->self->self == &global_dynamic);
    long sum = global_dynamic.n + local_dynamic.n + initial_exec.n + owned->n;
    free(owned);
    return (void *) sum;
}

int main(void)
{
    pthread_t threads[4];
    void *sum;

    for (long i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, (void *) (10 + i));
    for (long i = 0; i < 4; i++) {
        pthread_join(threads[i], &sum);
        CHECK((long) sum == 2 + 3 + 4 + 10 + i);
    }
    CHECK((long) work((void *) 20L) == 29);
    puts("ok");
}
