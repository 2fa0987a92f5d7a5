// SPDX-License-Identifier: BSD-2-Clause
// The heap is the child's own after a fork, a program can run itself again, and ends as it says.
#include "check.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct node {
    struct node *next;
    int n;
};
static struct node *list;
static int constructed;
__attribute__((constructor)) static void construct(void)
{
    constructed++;
}

static int length(void)
{
    int n = 0;

    for (struct node *l = list; l; l = l->next)
        n++;
    return n;
}
static void push(int n)
{
    struct node *l = malloc(sizeof(*l));

    *l = (struct node) { list, n };
    list = l;
}
static int in_child(int what, char **argv)
{
    int status;
    pid_t pid = fork();

    CHECK(pid >= 0);
    if (pid) {
        CHECK(waitpid(pid, &status, 0) == pid);
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }
    for (int i = 0; i < 1000; i++)
        push(i);
    switch (what) {
    case 0:
        _exit(length() == 1010 ? 17 : 1);
    case 1:
        signal(SIGABRT, SIG_DFL), abort();
    case 2:
        *(volatile int *) NULL = 0;
    case 3:
        execl("/proc/self/exe", argv[0], "again", NULL);
    case 4:
        exit(20);
    }
    _exit(99);
}

int main(int argc, char **argv, char **envp)
{
    char *value;

    CHECK(envp == environ && constructed == 1 && argv[argc] == NULL);
    if (argc > 1) {
        value = getenv("CORPUS_VALUE");
        return value && !strcmp(value, "set") && !strcmp(argv[1], "again") ? 18 : 1;
    }
    for (int i = 0; i < 10; i++)
        push(i);
    setenv("CORPUS_VALUE", "set", 1);
    CHECK(in_child(0, argv) == 17);
    CHECK(in_child(1, argv) == -SIGABRT);
    CHECK(in_child(2, argv) == -SIGSEGV);
    CHECK(in_child(3, argv) == 18);
    CHECK(in_child(4, argv) == 20);
    CHECK(length() == 10 && list->n == 9);
    puts("ok");
}
