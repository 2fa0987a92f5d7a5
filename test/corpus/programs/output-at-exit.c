// SPDX-License-Identifier: BSD-2-Clause
// Buffered output, exit handlers and the end of main come in the order that C promises.
#include "check.h"
#include <string.h>
#include <unistd.h>

static char *message;
static FILE *stream;
static void one(void)
{
    printf("one %s\n", message);
}
static void two(int status, void *arg)
{
    printf("two %d %s\n", status, (char *) arg);
}
static void nested(void)
{
    puts("nested");
}
static void three(void)
{
    atexit(nested);
    puts("three");
}
static ssize_t write_upper(void *cookie, const char *data, size_t n)
{
    char *copy = malloc(n + 1);

    for (size_t i = 0; i < n; i++)
        copy[i] = data[i] >= 'a' && data[i] <= 'z' ? (char) (data[i] - 32) : data[i];
    copy[n] = 0;
    printf("%s%s", (char *) cookie, copy);
    free(copy);
    return (ssize_t) n;
}
static int on_close(void *cookie)
{
    free(cookie);
    return 0;
}

int main(void)
{
    char *buffer = malloc(100000);

    setvbuf(stdout, buffer, _IOFBF, 100000);
    message = strdup("message");
    on_exit(two, strdup("argument"));
    atexit(one);
    atexit(three);
    stream = fopencookie(
        strdup("> "), "w", (cookie_io_functions_t) { NULL, write_upper, NULL, on_close });
    fprintf(stream, "through a cookie %d\n", 5);
    fclose(stream);
    fflush(stdout);
    if (write(1, "unbuffered\n", 11) != 11)
        return 1;
    printf("buffered %n", &(int) { 0 });
    puts("");
}
