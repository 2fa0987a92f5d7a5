// SPDX-License-Identifier: BSD-2-Clause
// Constructors run before main and destructors after it, in order, and both may allocate.
#include "check.h"
#include <string.h>

struct line {
    struct line *next;
    const char *text;
};
static struct line *log_lines;
static char *buffer;
static int exits;

static void say(const char *text)
{
    struct line *l = malloc(sizeof(*l));

    *l = (struct line) { log_lines, text };
    log_lines = l;
}
__attribute__((constructor(200))) static void second(void)
{
    say("second");
}
__attribute__((constructor(101))) static void first(void)
{
    say("first");
}
__attribute__((constructor)) static void third(int argc, char **argv, char **envp)
{
    CHECK(argc == 1 && argv[0] && !argv[1] && envp);
    buffer = strdup("made by a constructor");
    say("third");
}
__attribute__((destructor)) static void before(void)
{
    CHECK(!strcmp(buffer, "made by a constructor") && exits == 2);
    buffer = realloc(buffer, 1000);
    printf("destructor: %s\n", buffer);
    free(buffer);
}
__attribute__((destructor(101))) static void last(void)
{
    for (struct line *l = log_lines, *next; l; l = next) {
        next = l->next;
        printf("%s\n", l->text);
        free(l);
    }
    fflush(stdout);
}
static void at_exit(void)
{
    say("exit");
    exits++;
}

int main(void)
{
    CHECK(log_lines && !strcmp(log_lines->text, "third"));
    CHECK(!strcmp(log_lines->next->next->text, "first"));
    atexit(at_exit);
    atexit(at_exit);
    say("main");
    exit(0);
}
