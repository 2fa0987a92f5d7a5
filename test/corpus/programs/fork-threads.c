// SPDX-License-Identifier: BSD-2-Clause
// A child of a process whose threads all allocate can allocate itself, and the parent goes on.
#include "check.h"
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
    struct node *next;
    char data[40];
};
static atomic_int stop, rounds;

static void *hammer(void *arg)
{
    struct node *list = NULL, *next;

    while (!stop) {
        for (int i = 0; i < 50; i++) {
            struct node *n = malloc(sizeof(*n));
            n->next = list;
            memset(n->data, i, sizeof(n->data));
            list = n;
        }
        for (int i = 49; list; list = next, i--) {
            next = list->next;
            CHECK(list->data[39] == i);
            free(list);
        }
        rounds++;
    }
    return arg;
}
static int child(int i)
{
    struct node *list = NULL, *next;

    for (int k = 0; k < 200; k++) {
        struct node *n = calloc(1, sizeof(*n));
        n->next = list;
        list = realloc(n, sizeof(*n) + (size_t) k);
    }
    for (; list; list = next) {
        next = list->next;
        free(list);
    }
    return i;
}

int main(void)
{
    pthread_t threads[3];
    int status;
    pid_t pid;

    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, hammer, NULL);
    for (int i = 0; i < 60; i++) {
        pid = fork();
        if (!pid)
            _exit(child(i));
        CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == i);
    }
    char *args[] = { "true", NULL };
    CHECK(posix_spawnp(&pid, "true", NULL, NULL, args, environ) == 0);
    CHECK(waitpid(pid, &status, 0) == pid && status == 0 && system("exit 3") >> 8 == 3);
    while (rounds < 10)
        ;
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    puts("ok");
}
