/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints its arguments and a thread-local variable; the exit code is the number of arguments. */
#include <stdio.h>

static __thread int tls = 40;
int global = 2;

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        printf("%s\n", argv[i]);
    printf("%d\n", tls + global);
    return argc - 1;
}
