/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Runs two commands in turn and prints the medians of their times.
 *
 * usage: bench-alternate ROUNDS COMMAND-A... --- COMMAND-B...
 * output: wall-A wall-B cpu-A cpu-B, in microseconds; cpu is user and system time with children.
 *
 * Taking turns spreads whatever else the machine does over both; one after the other would not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_ROUNDS = 10000 };

struct sample {
    double wall, cpu;
};

static double seconds(struct timeval t)
{
    return (double) t.tv_sec + (double) t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void become(char **command)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
        _exit(126);
    execvp(command[0], command);
    _exit(127);
}

/** Run the command once. Returns false if it failed. */
static int run(char **command, struct sample *ret)
{
    double start = now();
    pid_t pid = fork();
    struct rusage use;
    int status;

    if (pid == 0)
        become(command);
    if (pid < 0 || wait4(pid, &status, 0, &use) != pid)
        return 0;
    ret->wall = now() - start;
    ret->cpu = seconds(use.ru_utime) + seconds(use.ru_stime);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static double median(const struct sample *samples, int n, size_t field)
{
    double *values = calloc((size_t) n, sizeof(*values)), ret;

    if (!values)
        return 0;
    for (int i = 0; i < n; i++)
        memcpy(&values[i], (const char *) &samples[i] + field, sizeof(double));
    qsort(values, (size_t) n, sizeof(*values), compare);
    ret = values[n / 2];
    free(values);
    return ret * 1e6;
}

int main(int argc, char **argv)
{
    static struct sample samples[2][MAX_ROUNDS];
    char **commands[2] = { argv + 2, NULL };
    int rounds = argc > 2 ? atoi(argv[1]) : 0;

    for (int i = 2; i < argc && !commands[1]; i++)
        if (!strcmp(argv[i], "---")) {
            argv[i] = NULL;
            commands[1] = &argv[i + 1];
        }
    if (rounds < 1 || rounds > MAX_ROUNDS || !commands[1] || !commands[0][0] || !commands[1][0]) {
        fputs("usage: bench-alternate ROUNDS COMMAND-A... --- COMMAND-B...\n", stderr);
        return 2;
    }
    for (int i = 0; i < rounds; i++)
        for (int k = 0; k < 2; k++)
            if (!run(commands[k], &samples[k][i])) {
                fprintf(stderr, "bench-alternate: %s failed\n", commands[k][0]);
                return 1;
            }
    for (size_t field = 0; field < sizeof(struct sample); field += sizeof(double))
        printf("%.0f %.0f%s", median(samples[0], rounds, field), median(samples[1], rounds, field),
            field == 0 ? " " : "\n");
    return 0;
}
