// SPDX-License-Identifier: BSD-2-Clause
// Cleanup attributes run on every way out of a scope, also when a thread is unwound.
// FLAGS: -fexceptions
#include "check.h"
#include <pthread.h>
#include <string.h>

struct buffer {
    char *text;
    struct buffer *outer;
};
static int freed, unwound;

static void drop(char **text)
{
    freed += *text != NULL;
    free(*text);
}
static void drop_buffer(struct buffer *b)
{
    unwound++;
    free(b->text);
}
static void note(void *text)
{
    unwound += !strcmp(text, "pushed");
}

static int leave_early(int n)
{
    __attribute__((cleanup(drop))) char *text = strdup("text");

    if (n == 1)
        return (int) strlen(text);
    for (int i = 0; i < 3; i++) {
        __attribute__((cleanup(drop))) char *inner = malloc(10);
        if (n == 2 && i == 1)
            break;
        if (n == 3)
            goto out;
        inner[0] = 0;
    }
    return 0;
out:
    return 1;
}
static __attribute__((noinline)) void descend(int depth)
{
    __attribute__((cleanup(drop_buffer))) struct buffer b = { malloc(100), NULL };

    memset(b.text, depth, 100);
    if (!depth)
        pthread_exit(b.text ? strdup("result") : NULL);
    descend(depth - 1);
}
static void *thread(void *arg)
{
    pthread_cleanup_push(note, arg);
    descend(20);
    pthread_cleanup_pop(0);
    return NULL;
}

int main(void)
{
    pthread_t t;
    void *result;

    CHECK(leave_early(0) == 0 && freed == 4);
    CHECK(leave_early(1) == 4 && freed == 5);
    CHECK(leave_early(2) == 0 && freed == 8);
    CHECK(leave_early(3) == 1 && freed == 10);
    pthread_create(&t, NULL, thread, "pushed");
    pthread_join(t, &result);
    CHECK(unwound == 22 && !strcmp(result, "result"));
    free(result);
    puts("ok");
}
