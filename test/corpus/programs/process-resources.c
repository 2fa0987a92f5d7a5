// SPDX-License-Identifier: BSD-2-Clause
// A program starts with nothing but what it was given: no descriptors, threads, signals or timers.
#include "check.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static int count(const char *folder)
{
    DIR *dir = opendir(folder);
    int n = 0;

    for (struct dirent *e; (e = readdir(dir));)
        n += e->d_name[0] != '.';
    closedir(dir);
    return n;
}
static void check_signals(void)
{
    struct sigaction action;
    sigset_t set;
    stack_t stack;
    struct itimerval timer;

    CHECK(sigprocmask(SIG_BLOCK, NULL, &set) == 0 && sigpending(&set) == 0);
    for (int sig = 1; sig < 32; sig++) {
        CHECK(sigismember(&set, sig) == 0);
        if (sig != SIGPIPE && sig != SIGHUP && sig != SIGINT && sig != SIGQUIT)
            CHECK(sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
    }
    CHECK(sigaltstack(NULL, &stack) == 0 && stack.ss_flags == SS_DISABLE);
    for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++)
        CHECK(getitimer(which, &timer) == 0 && !timer.it_value.tv_sec && !timer.it_value.tv_usec);
}
static void check_descriptors(void)
{
    int pipes[2];

    CHECK(count("/proc/self/fd") == 4 && open("/dev/null", O_RDONLY) == 3);
    for (int i = 0; i < 1000; i++)
        free(malloc((size_t) i * 100));
    CHECK(pipe(pipes) == 0 && pipes[0] == 4 && pipes[1] == 5);
    for (int fd = 3; fd < 100; fd++)
        close(fd);
    char *kept = strdup("allocated with all descriptors closed");
    CHECK(kept[0] == 'a' && dup(0) == 3 && close(3) == 0);
    free(kept);
}
static void check_command_line(char **argv)
{
    char line[100] = "";
    FILE *file;

    memset(argv[0], 'X', strlen(argv[0]));
    prctl(PR_SET_NAME, "renamed");
    file = fopen("/proc/self/cmdline", "r");
    CHECK(file && fread(line, 1, sizeof(line) - 1, file) == strlen(argv[0]) + 1);
    fclose(file);
    CHECK(line[0] == 'X' && !strcmp(line, argv[0]));
}

int main(int argc, char **argv)
{
    char *before = sbrk(0);

    CHECK(argc == 1 && count("/proc/self/task") == 1 && wait(NULL) == -1 && errno == ECHILD);
    CHECK(prctl(PR_GET_DUMPABLE) == 1 && prctl(PR_GET_PDEATHSIG, &argc) == 0 && argc == 0);
    check_signals();
    check_descriptors();
    check_command_line(argv);
    CHECK(sbrk(4096) >= (void *) before);
    memset((char *) sbrk(0) - 4096, 5, 4096);
    CHECK(malloc(100000) && sbrk(0) != (void *) -1);
    puts("ok");
}
