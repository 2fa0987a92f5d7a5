// SPDX-License-Identifier: BSD-2-Clause
// A process ends with the status and the handlers of the way it chose, whatever its threads do.
#include "check.h"
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int way;
static char *text;
static pthread_barrier_t barrier;

static void at_exit(void)
{
    printf("%d: atexit %s\n", way, text);
}
static void at_quick_exit_too(void)
{
    printf("%d: at_quick_exit %s\n", way, text);
    fflush(stdout);
}
static void exits_again(void)
{
    if (way == 5)
        exit(15);
}
__attribute__((destructor)) static void destruct(void)
{
    if (way)
        printf("%d: destructor\n", way);
}
static void *busy(void *arg)
{
    pthread_barrier_wait(&barrier);
    for (;;)
        free(memset(malloc(100), 1, 100));
    return arg;
}
static void *ends_process(void *arg)
{
    exit(*(int *) arg);
}
static int end(void)
{
    pthread_t thread;
    static int status = 13;

    text = strdup("text");
    atexit(exits_again);
    atexit(at_exit);
    at_quick_exit(at_quick_exit_too);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, busy, NULL);
    pthread_barrier_wait(&barrier);
    switch (way) {
    case 1:
        _exit(11);
    case 2:
        quick_exit(12);
    case 3:
        pthread_create(&thread, NULL, ends_process, &status), pause();
    case 4:
        exit(14);
    case 5:
        exit(99);
    case 6:
        _Exit(16);
    }
    return 17;
}

int main(void)
{
    for (int i = 1; i <= 7; i++) {
        int status;

        fflush(stdout);
        if (!fork()) {
            way = i;
            return end();
        }
        CHECK(wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 10 + i);
    }
    puts("ok");
}
