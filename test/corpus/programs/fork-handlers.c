// SPDX-License-Identifier: BSD-2-Clause
// Handlers of a fork may allocate and free, also those registered before the first typed object.
#include "check.h"
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
    struct node *next;
    int value;
};
static struct node *list;
static int before, after;
static pthread_key_t key;

static void push(int value)
{
    struct node *n = malloc(sizeof(*n));

    *n = (struct node) { list, value };
    list = n;
}
static void pop(void)
{
    struct node *n = list;

    list = n->next;
    free(n);
}
static void prepare(void)
{
    push(++before);
    push(0);
    pop();
}
static void in_parent(void)
{
    push(0);
    pop();
    after++;
}
static void in_child(void)
{
    push(100);
    pop();
    push(100);
}
static void forget(void *text)
{
    static __thread int again;

    free(text);
    if (!again++)
        pthread_setspecific(key, strdup("set by its own destructor"));
}
static void *work(void *arg)
{
    pthread_setspecific(key, strdup("of a thread"));
    return arg ? memset(malloc(1000), 1, 1000) : NULL;
}

int main(void)
{
    int status;

    CHECK(pthread_atfork(prepare, in_parent, in_child) == 0 && !pthread_key_create(&key, forget));
    for (int i = 0; i < 100; i++) {
        pthread_t thread;
        void *made;

        CHECK(pthread_create(&thread, NULL, work, i % 2 ? &key : NULL) == 0);
        if (i % 2) {
            pthread_join(thread, &made);
            free(made);
        } else {
            pthread_detach(thread);
        }
    }
    for (int i = 1; i <= 20; i++) {
        if (!fork())
            _exit(list->value == 100 && list->next->value == i ? i : 99);
        CHECK(wait(&status) > 0 && WEXITSTATUS(status) == i && after == i && list->value == i);
    }
    puts("ok");
}
